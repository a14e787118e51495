import type { Client } from '../client/client.ts'
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
  const form = formOf({ token, token_type_hint: options.hint ?? 'refresh_token' })
  const answer = await postForm(client, 'revocation_endpoint', form, { signal: options.signal })
  return answer.status === 200 || answer.status === 204
}
