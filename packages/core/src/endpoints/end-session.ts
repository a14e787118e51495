import { type Client, stateOf } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import { isAllowedUrl } from '../issuer/issuer-fetch.ts'

/** How a person's session at the issuer is ended. */
export interface EndSessionOptions {
  /** The login's ID token: without it most issuers ask the person whether they mean it. */
  readonly idTokenHint?: string | undefined
  /** Where the browser comes back to, as it stands in the client's registration. */
  readonly postLogoutRedirectUri?: string | undefined
  /** Comes back with it. */
  readonly state?: string | undefined
  /** Who is to be logged out. */
  readonly logoutHint?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * The address that ends a person's session at the issuer when their browser goes there (OpenID Connect RP-Initiated
 * Logout 1.0 section 2). It holds the ID token: show it to nobody but their browser. Tokens are revoked by `revoke`.
 *
 * @throws `UNSUPPORTED` when the issuer has no such page (INDIGO IAM has none), `RESPONSE_INVALID` when it is no https address, `DISCOVERY_FAILED`, `ABORTED`
 */
export async function endSessionUrl(client: Client, options: EndSessionOptions = {}): Promise<string> {
  const { issuer, end_session_endpoint: endpoint } = await client.metadata({ signal: options.signal })
  if (typeof endpoint !== 'string') {
    throw new AuthError('UNSUPPORTED', `${issuer} offers no end session endpoint: log out there in the browser.`)
  }
  // A browser is about to be sent there.
  if (!isAllowedUrl(endpoint, stateOf(client).access.http)) {
    throw new AuthError('RESPONSE_INVALID', `The end session endpoint of ${issuer} is no https address.`)
  }
  const url = new URL(endpoint)
  const parameters = {
    client_id: client.clientId,
    id_token_hint: options.idTokenHint,
    post_logout_redirect_uri: options.postLogoutRedirectUri,
    state: options.state,
    logout_hint: options.logoutHint,
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}
