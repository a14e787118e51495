import type { Client } from '../client/client.ts'
import { formOf } from '../issuer/token-request.ts'
import type { Grant } from './grant.ts'
import { exchange, type GrantRequest } from './grant-request.ts'

/**
 * A refresh token's exchange (RFC 6749 section 6), once and without a store: the caller keeps the refresh token that
 * comes back. `session` is what keeps a login alive.
 *
 * @param request a scope narrows the token; default: all that was granted
 * @returns a grant that throws `LOGIN_REQUIRED` when the issuer refuses the token, `CONFIG_INVALID`, `UNSUPPORTED`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`, `ABORTED`
 */
export function refreshToken(client: Client, token: string, request: GrantRequest = {}): Grant {
  return async ({ signal, dpopKey } = {}) => {
    const form = formOf({ grant_type: 'refresh_token', refresh_token: token }, request, request.parameters)
    return exchange(client, form, request.scope, { signal, dpopKey })
  }
}
