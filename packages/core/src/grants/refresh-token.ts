import { type Client, stateOf } from '../client/client.ts'
import { tokenSetOf } from '../issuer/token-answer.ts'
import { formOf, tokenRequest } from '../issuer/token-request.ts'
import type { GrantRequest } from './client-credentials.ts'
import type { Grant } from './grant.ts'

/**
 * A refresh token's exchange (RFC 6749 section 6), once and without a store: the caller keeps the refresh token that
 * comes back. `session` is what keeps a login alive.
 *
 * @throws `LOGIN_REQUIRED` when the issuer refuses the token, `CONFIG_INVALID`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`
 */
export function refreshToken(client: Client, token: string, request: GrantRequest = {}): Grant {
  return async ({ signal } = {}) => {
    const form = formOf({ grant_type: 'refresh_token', refresh_token: token }, request, request.parameters)
    const { text } = await tokenRequest(client, form, signal)
    const receivedAt = stateOf(client).access.clock.now()
    return tokenSetOf(client, text, { receivedAt, scope: request.scope, signature: true }, signal)
  }
}
