import { headerValue } from '../authorizer/header-value.ts'
import { abandonable } from '../client/client.ts'
import { type IssuerOptions, issuerSide } from '../client/issuer-side.ts'
import { AuthError, IssuerError } from '../errors.ts'
import { issuerError } from '../issuer/issuer-error.ts'
import { type IssuerAccess, issuerFetch, type RawAnswer } from '../issuer/issuer-fetch.ts'
import { jsonObject } from '../issuer/json.ts'
import { type Registration, type RegistrationRequest, registrationOf, wireOf } from './registration.ts'

/** How a client is registered. */
export interface RegisterOptions {
  /** An access token that allows it, where not everybody may (RFC 7591 section 3). */
  readonly initialAccessToken?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Registers a client (RFC 7591). Keep all that comes back: its secret and its registration token are told once. Look at
 * `differences`: INDIGO IAM drops the scopes it does not give to everybody without a word.
 *
 * @throws `CONFIG_INVALID` when the issuer refuses, in its own words; `UNSUPPORTED` when it registers nobody; `RESPONSE_INVALID`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `ABORTED`
 */
export async function register(
  at: IssuerOptions,
  request: RegistrationRequest,
  { initialAccessToken, signal }: RegisterOptions = {},
): Promise<Registration> {
  const { access, document } = issuerSide(at)
  const { issuer, registration_endpoint: url } = await abandonable(document(), signal)
  if (typeof url !== 'string') {
    throw new AuthError('UNSUPPORTED', `${issuer} registers no clients by itself: ask its operators for a client id.`)
  }
  return withoutOpenid(wireOf(request), async (asked) => {
    const answer = await sent(access, url, { method: 'POST', token: initialAccessToken, body: asked, signal })
    return registrationOf(issuer, jsonObject(answer.text), { asked })
  })
}

/** How a registration is read, changed or deleted. */
export interface RegistrationOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * The registration as it stands now (RFC 7592 section 2.1), with what was known and is not repeated.
 *
 * @throws `UNSUPPORTED` for a registration without an address and a token; else as {@link register}
 */
export async function readRegistration(
  at: IssuerOptions,
  registration: Registration,
  { signal }: RegistrationOptions = {},
): Promise<Registration> {
  const { access } = issuerSide(at)
  const answer = await sent(access, ...managed(at, registration, { method: 'GET', signal }))
  return registrationOf(at.issuer, jsonObject(answer.text), { known: registration })
}

/**
 * Changes a registration (RFC 7592 section 2.2): what stood there, with what the request says in its place. Keep what
 * comes back: the secret and the registration token may be new.
 *
 * @throws as {@link readRegistration}
 */
export async function updateRegistration(
  at: IssuerOptions,
  registration: Registration,
  request: RegistrationRequest,
  { signal }: RegistrationOptions = {},
): Promise<Registration> {
  const { access } = issuerSide(at)
  const { client_id_issued_at: _, ...stood } = registration.metadata
  return withoutOpenid(wireOf(request), async (asked) => {
    const body = { ...stood, ...asked, client_id: registration.clientId }
    const answer = await sent(access, ...managed(at, registration, { method: 'PUT', body, signal }))
    return registrationOf(at.issuer, jsonObject(answer.text), { asked, known: registration })
  })
}

/**
 * Ends a client and every token of its own (RFC 7592 section 2.3).
 *
 * @throws as {@link readRegistration}
 */
export async function deleteRegistration(
  at: IssuerOptions,
  registration: Registration,
  { signal }: RegistrationOptions = {},
): Promise<void> {
  const { access } = issuerSide(at)
  await sent(access, ...managed(at, registration, { method: 'DELETE', signal }))
}

type Members = Readonly<Record<string, unknown>>

/**
 * Keycloak has no client scope `openid`, gives it to every client, and refuses a registration that names it: there the
 * request is made once more without.
 */
async function withoutOpenid(asked: Members, send: (asked: Members) => Promise<Registration>): Promise<Registration> {
  try {
    return await send(asked)
  } catch (error) {
    const words = String(asked['scope']).split(' ')
    const said = error instanceof IssuerError ? (error.refusal.errorDescription ?? '') : ''
    if (!words.includes('openid') || !said.includes('Allowed Client Scopes')) throw error
    return send({ ...asked, scope: words.filter((word) => word !== 'openid').join(' ') })
  }
}

interface Sending {
  readonly method: 'POST' | 'GET' | 'PUT' | 'DELETE'
  readonly token?: string | undefined
  readonly body?: object | undefined
  readonly signal?: AbortSignal | undefined
}

/** A request about a client that has been registered. */
function managed(at: IssuerOptions, registration: Registration, sending: Sending): [string, Sending] {
  const { registrationUri, registrationToken } = registration
  if (registrationUri === undefined || registrationToken === undefined) {
    const why = 'there is no registration token: what was registered for a person is managed by that person'
    throw new AuthError('UNSUPPORTED', `This client of ${at.issuer} cannot be managed from here: ${why}.`)
  }
  return [registrationUri, { ...sending, token: registrationToken }]
}

async function sent(access: IssuerAccess, url: string, { method, token, body, signal }: Sending): Promise<RawAnswer> {
  const headers = new Headers({ accept: 'application/json' })
  if (token !== undefined) headers.set('authorization', headerValue(`Bearer ${token}`))
  if (body !== undefined) headers.set('content-type', 'application/json')
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }), ...(signal && { signal }) }
  const answer = await issuerFetch(access, url, init)
  // RFC 7591 has 201, RFC 7592 has 200 and 204; some answer 200 to all.
  if (answer.status >= 200 && answer.status <= 299) return answer
  throw issuerError(answer, 'The registration', access.clock.now(), {
    // INDIGO IAM refuses in prose, or with nothing at all.
    otherwise: answer.status >= 400 ? 'CONFIG_INVALID' : undefined,
    meanings: { invalid_token: 'CONFIG_INVALID', access_denied: 'CONFIG_INVALID' },
    advice:
      answer.status === 401 || answer.status === 403 ? 'Check the token that allows it.' : 'Change what it asks for.',
  })
}
