import { withAuth as withAuthFetch } from '@latchkey/fetch'
import { adapterContract } from '@latchkey/testkit/contracts/adapter'
import { fetch } from 'undici'
import { cannotFetch, cannotPipeline } from './cannot.ts'
import { dispatcherWith, fetchAnswer, fetchInit, pipeliner, requester, streamer } from './clients.ts'

const isAbort = (error: unknown, reason: unknown): boolean => error === reason

adapterContract('undici.request', { client: (authorizer) => requester(dispatcherWith(authorizer)), isAbort })

adapterContract('undici.stream', { client: (authorizer) => streamer(dispatcherWith(authorizer)), isAbort })

adapterContract('undici.pipeline', {
  client: (authorizer) => pipeliner(dispatcherWith(authorizer)),
  isAbort,
  cannot: cannotPipeline,
})

adapterContract('undici.fetch over a dispatcher', {
  client: (authorizer) => {
    const dispatcher = dispatcherWith(authorizer)
    return async (request) => fetchAnswer(await fetch(request.url, fetchInit(request, dispatcher)))
  },
  isAbort,
  cannot: cannotFetch,
})

adapterContract('undici.fetch in withAuth of @latchkey/fetch', {
  client: (authorizer) => {
    const authorized = withAuthFetch(authorizer, fetch)
    return async (request) => fetchAnswer(await authorized(request.url, fetchInit(request)))
  },
  isAbort,
})
