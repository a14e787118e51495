// Compiled without the types of Node: what core and fetch declare must mean the same where there is only the web platform.
import { bearer, client, clientCredentials, memoryStore, session, staticToken, systemClock } from '@latchkey/core'
import { type RawAnswer, request } from '@latchkey/core/http'
import { withAuth } from '@latchkey/fetch'

export const one: typeof fetch = withAuth(bearer(staticToken('planted-token'), 'https://api.example.org'))
export const two: Promise<Response> = withAuth(
  bearer(
    session({
      issuer: 'https://iam.example.org',
      clientId: 'consumer',
      store: memoryStore(),
      renew: (made) => clientCredentials(made),
    }),
    ['https://api.example.org'],
  ),
)(new Request('https://api.example.org/'), { signal: AbortSignal.timeout(1000) })
export const three: ReturnType<typeof client> = client({ issuer: 'https://iam.example.org', clientId: 'consumer' })
export const four: Promise<RawAnswer> = request(
  { fetch, clock: systemClock, http: 'nobody', timeoutMs: 1000 },
  'https://api.example.org/',
)
