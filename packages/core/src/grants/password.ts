import type { Client } from '../client/client.ts'
import { formOf } from '../issuer/token-request.ts'
import type { Grant } from './grant.ts'
import { exchange, type GrantRequest } from './grant-request.ts'

/** Whose password it is, and what to ask for. */
export interface PasswordRequest extends GrantRequest {
  readonly username: string
  readonly password: string
}

/**
 * A user's own name and password (RFC 6749 section 4.3). A last resort: this program sees the password, the issuer
 * cannot ask for a second factor, and RFC 9700 section 2.4 forbids it where anything else works. Prefer `deviceCode`.
 * A refresh token in the answer is kept, so that the password is needed once.
 *
 * @param request its scope defaults to the client's
 * @returns a grant that throws `LOGIN_DENIED` (user or password), `CONFIG_INVALID` (client, secret, scope), `UNSUPPORTED`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`, `ABORTED`
 */
export function password(client: Client, { username, password, ...request }: PasswordRequest): Grant {
  const scope = request.scope ?? client.scope
  return async ({ signal, dpopKey } = {}) => {
    const fixed = { grant_type: 'password', username, password }
    const form = formOf(fixed, { ...request, scope }, request.parameters)
    return exchange(client, form, scope, { signal, dpopKey })
  }
}
