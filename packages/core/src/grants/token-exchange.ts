import { abandonable, type Client } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import { formOf } from '../issuer/token-request.ts'
import type { TokenSource } from '../token/token-source.ts'
import type { Grant } from './grant.ts'
import { exchange, type GrantRequest } from './grant-request.ts'

/** A kind of token: the last word of its name in RFC 8693 section 3, or any URI. */
export type TokenKind =
  | 'access_token'
  | 'refresh_token'
  | 'id_token'
  | 'jwt'
  | 'saml1'
  | 'saml2'
  | (`${string}:${string}` & {})

/** A token to exchange: itself, a source (its access token), or what gives it, asked anew for each exchange. */
export type ExchangedToken = string | TokenSource | (() => string | Promise<string>)

/** What is exchanged for what. The scope defaults to the client's: INDIGO IAM wants one. */
export interface TokenExchangeOptions extends GrantRequest {
  /** Whose rights the new token carries. */
  readonly subjectToken: ExchangedToken
  /** Default `access_token`. */
  readonly subjectTokenType?: TokenKind | undefined
  /** Who acts for them. */
  readonly actorToken?: ExchangedToken | undefined
  /** Default `access_token`. */
  readonly actorTokenType?: TokenKind | undefined
  /** Default: as the issuer likes. What comes must be good as an access token: an ID token (`N_A`) is refused. */
  readonly requestedTokenType?: TokenKind | undefined
}

/**
 * A token for another one (RFC 8693): for another API, with less scope, or from another issuer. Wrapped in `cached`, the
 * subject token is asked for at each exchange, so that its source may renew it.
 *
 * @returns a grant that throws `LOGIN_REQUIRED` (the issuer says that the subject token has ended), `CONFIG_INVALID` (a token, scope, audience or grant that the issuer refuses), `UNSUPPORTED`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`, `ABORTED`, and what a source throws
 */
export function tokenExchange(client: Client, options: TokenExchangeOptions): Grant {
  const scope = options.scope ?? client.scope
  const { subjectToken, subjectTokenType = 'access_token', actorToken, actorTokenType = 'access_token' } = options
  const requested = options.requestedTokenType
  return async ({ signal, dpopKey } = {}) => {
    const actor = actorToken === undefined ? undefined : await tokenFrom(actorToken, signal)
    const fixed = {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: await tokenFrom(subjectToken, signal),
      subject_token_type: kindName(subjectTokenType),
      ...(actor !== undefined && { actor_token: actor, actor_token_type: kindName(actorTokenType) }),
      ...(requested !== undefined && { requested_token_type: kindName(requested) }),
    }
    const form = formOf(fixed, { ...options, scope }, options.parameters)
    return exchange(client, form, scope, { signal, dpopKey })
  }
}

const kindName = (kind: TokenKind): string => (kind.includes(':') ? kind : `urn:ietf:params:oauth:token-type:${kind}`)

async function tokenFrom(token: ExchangedToken, signal?: AbortSignal): Promise<string> {
  if (typeof token === 'object') return (await token.getToken({ signal })).accessToken
  const made: unknown = typeof token === 'string' ? token : await given(token, signal)
  if (typeof made === 'string' && made !== '') return made
  throw new AuthError('CONFIG_INVALID', 'There is no token to exchange: what gives it gave none.')
}

async function given(make: () => string | Promise<string>, signal?: AbortSignal): Promise<string> {
  const work = (async () => make())()
  return abandonable(work, signal)
}
