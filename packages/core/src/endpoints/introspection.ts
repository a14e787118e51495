import { type Client, stateOf } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import { issuerError } from '../issuer/issuer-error.ts'
import { jsonObject, textOf } from '../issuer/json.ts'
import { formOf, postForm } from '../issuer/token-request.ts'

/** How a token is introspected. */
export interface IntrospectOptions {
  /** What the token is (RFC 7662 section 2.1); default: the issuer looks everywhere. */
  readonly hint?: 'access_token' | 'refresh_token' | undefined
  readonly signal?: AbortSignal | undefined
}

/** What an issuer says of a token (RFC 7662 section 2.2). */
export interface Introspection {
  /** Whether it is good now. All else is absent where it is not. */
  readonly active: boolean
  readonly scope?: string
  readonly clientId?: string
  /** Who the token speaks for. */
  readonly subject?: string
  /** Epoch milliseconds. */
  readonly expiresAt?: number
  /** Everything that was said, under the names of the RFC; never the token. */
  readonly claims: Readonly<Record<string, unknown>>
}

/**
 * Asks the issuer what a token is worth (RFC 7662). The client proves who it is; INDIGO IAM takes HTTP Basic alone.
 *
 * @throws `UNSUPPORTED` when the issuer has no such endpoint, `CONFIG_INVALID` when this client may not ask, `RESPONSE_INVALID`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `ABORTED`
 */
export async function introspect(
  client: Client,
  token: string,
  { hint, signal }: IntrospectOptions = {},
): Promise<Introspection> {
  const form = formOf({ token, ...(hint !== undefined && { token_type_hint: hint }) })
  const answer = await postForm(client, 'introspection_endpoint', form, { signal })
  if (answer.status !== 200) {
    throw issuerError(answer, 'The introspection', stateOf(client).access.clock.now(), {
      otherwise: answer.status === 401 || answer.status === 403 ? 'CONFIG_INVALID' : undefined,
      meanings: { invalid_token: 'CONFIG_INVALID' },
      advice:
        'The client must be allowed to introspect and prove who it is, at some issuers by clientSecretBasic alone.',
    })
  }
  const body = jsonObject(answer.text)
  if (typeof body?.['active'] !== 'boolean') {
    throw new AuthError('RESPONSE_INVALID', `What ${client.issuer} answers is no introspection: it has no "active".`)
  }
  const { token: _, access_token: __, refresh_token: ___, ...claims } = body
  return Object.freeze({ active: body['active'], ...(body['active'] && named(claims)), claims: Object.freeze(claims) })
}

function named(claims: Readonly<Record<string, unknown>>): Omit<Introspection, 'active' | 'claims'> {
  const scope = textOf(claims, 'scope')
  const clientId = textOf(claims, 'client_id')
  const subject = textOf(claims, 'sub')
  const exp = claims['exp']
  return {
    ...(scope !== undefined && { scope }),
    ...(clientId !== undefined && { clientId }),
    ...(subject !== undefined && { subject }),
    ...(typeof exp === 'number' && Number.isFinite(exp) && { expiresAt: exp * 1000 }),
  }
}
