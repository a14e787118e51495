import type { AuthorizationServer } from 'oauth4webapi'
import { type Client, stateOf } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import { issuerError } from './issuer-error.ts'
import { issuerFetch } from './issuer-fetch.ts'
import { jsonObject } from './json.ts'
import { hostOf } from './network-error.ts'
import { oauth } from './oauth.ts'
import { showable } from './redact.ts'
import { retry } from './retry.ts'

/** What an issuer signs for its clients, and what their registration sets its algorithm by. */
export interface SignedKind {
  readonly name: string
  readonly setting: string
}

/** An answer that oauth4webapi has read a JWT from. */
interface Signed {
  readonly response: Response
  readonly algorithm: string
  readonly of: SignedKind
}

/**
 * Checks the signature of what an issuer answered, with its keys.
 *
 * @throws `UNSUPPORTED` where it is a shared secret's; `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`, `ABORTED` while keys are fetched; what oauth4webapi throws for a signature that does not hold
 */
export async function checkSignature(
  client: Client,
  { response, algorithm, of }: Signed,
  signal?: AbortSignal,
): Promise<void> {
  const library = await oauth()
  const metadata = await client.metadata({ signal })
  if (algorithm.startsWith('HS')) {
    const why = `${client.issuer} signs ${of.name} for this client with a shared secret (${showable(algorithm)})`
    throw new AuthError('UNSUPPORTED', `${why}: set another ${of.setting} in its registration.`)
  }
  await library.validateApplicationLevelSignature(metadata as AuthorizationServer, response, {
    [library.customFetch]: (url: string) => keySet(client, url, signal),
    // Refused or let through in `issuerFetch`, which knows loopback.
    [library.allowInsecureRequests]: true,
  })
}

/** The issuer's keys (RFC 7517 section 5), within the bounds of every request to an issuer. */
async function keySet(client: Client, url: string, signal?: AbortSignal): Promise<Response> {
  const { access } = stateOf(client)
  const init = { headers: { accept: 'application/json, application/jwk-set+json' }, ...(signal && { signal }) }
  const answer = await retry(
    access.clock,
    async () => {
      const got = await issuerFetch(access, url, init)
      if (got.status !== 200) throw issuerError(got, "Reading the issuer's keys", access.clock.now())
      return got
    },
    signal,
  )
  if (Array.isArray(jsonObject(answer.text)?.['keys'])) {
    return new Response(answer.text, { headers: { 'content-type': 'application/json' } })
  }
  throw new AuthError('RESPONSE_INVALID', `What ${hostOf(url)} answers for the keys of ${client.issuer} is no key set.`)
}
