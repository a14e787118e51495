import { type Client, stateOf } from '../client/client.ts'
import type { IssuerError } from '../errors.ts'
import { issuerError } from '../issuer/issuer-error.ts'
import { formOf, postForm } from '../issuer/token-request.ts'

/** How a token is revoked. */
export interface RevokeOptions {
  /** What the token is (RFC 7009 section 2.1); default `refresh_token`. */
  readonly hint?: 'refresh_token' | 'access_token' | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Tells the issuer that a token is not needed any more (RFC 7009). Gives whether the issuer confirmed it: 200 (or 204,
 * which some send). INDIGO IAM's 302 confirms nothing, and is not followed.
 *
 * @throws `UNSUPPORTED` when the issuer has no revocation endpoint, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`
 */
export async function revoke(client: Client, token: string, options: RevokeOptions = {}): Promise<boolean> {
  return (await revocationRefusal(client, token, options)) === undefined
}

/**
 * The same, and why the issuer did not confirm it; `undefined` where it did.
 *
 * @throws what {@link revoke} throws
 */
export async function revocationRefusal(
  client: Client,
  token: string,
  options: RevokeOptions = {},
): Promise<IssuerError | undefined> {
  const form = formOf({ token, token_type_hint: options.hint ?? 'refresh_token' })
  const answer = await postForm(client, 'revocation_endpoint', form, { signal: options.signal })
  if (answer.status === 200 || answer.status === 204) return undefined
  return issuerError(answer, 'The revocation', stateOf(client).access.clock.now())
}
