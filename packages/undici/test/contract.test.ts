import { withAuth as withAuthFetch } from '@latchkey/fetch'
import { adapterContract } from '@latchkey/testkit/contracts/adapter'
import { fetch } from 'undici'
import { dispatcherWith, fetchAnswer, fetchInit, pipeliner, requester, streamer } from './clients.ts'

const isReason = (error: unknown, reason: unknown): boolean => error === reason

adapterContract('undici.request', { client: (authorizer) => requester(dispatcherWith(authorizer)), isAbort: isReason })

adapterContract('undici.stream', { client: (authorizer) => streamer(dispatcherWith(authorizer)), isAbort: isReason })

adapterContract('undici.pipeline', {
  client: (authorizer) => pipeliner(dispatcherWith(authorizer)),
  isAbort: isReason,
  cannot: {},
})

adapterContract('undici.fetch over a dispatcher', {
  client: (authorizer) => {
    const dispatcher = dispatcherWith(authorizer)
    return async (request) => fetchAnswer(await fetch(request.url, fetchInit(request, dispatcher)))
  },
  isAbort: isReason,
  cannot: {},
})

adapterContract('undici.fetch in withAuth of @latchkey/fetch', {
  client: (authorizer) => {
    const authorized = withAuthFetch(authorizer, fetch)
    return async (request) => fetchAnswer(await authorized(request.url, fetchInit(request)))
  },
  isAbort: isReason,
})
