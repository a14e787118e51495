import { authErrorOf } from '@latchkey/core'
import { adapterContract } from '@latchkey/testkit/contracts/adapter'
import got from 'got'
import { withAuth } from '../src/index.ts'
import { gotSend } from './clients.ts'

const keepsMethod = 'got keeps method and body on its own origin unless methodRewriting is true'

adapterContract('got', {
  client: (authorizer) => gotSend(got.extend({ throwHttpErrors: false, retry: { limit: 0 } }, withAuth(authorizer))),
  isAbort: (error) => (error as Error).name === 'AbortError' && authErrorOf(error) === undefined,
  cannot: {
    'a POST redirected with 301 becomes a GET without its body': keepsMethod,
    'a POST redirected with 302 becomes a GET without its body': keepsMethod,
  },
})

adapterContract('got with methodRewriting', {
  client: (authorizer) =>
    gotSend(got.extend(withAuth(authorizer), { throwHttpErrors: false, retry: { limit: 0 }, methodRewriting: true })),
  isAbort: (error) => (error as Error).name === 'AbortError',
})
