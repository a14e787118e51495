import type { Client } from '../client/client.ts'
import { redactedSet } from '../issuer/token-answer.ts'
import { formOf } from '../issuer/token-request.ts'
import type { Grant } from './grant.ts'
import { exchange, type GrantRequest } from './grant-request.ts'

/**
 * A client asks for itself (RFC 6749 section 4.4). A refresh token in the answer is ignored (section 4.4.3).
 *
 * @param request its scope defaults to the client's
 * @returns a grant that throws `CONFIG_INVALID` (secret, scope), `UNSUPPORTED`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`, `ABORTED`
 */
export function clientCredentials(client: Client, request: GrantRequest = {}): Grant {
  const scope = request.scope ?? client.scope
  return async ({ signal, dpopKey } = {}) => {
    const form = formOf({ grant_type: 'client_credentials' }, { ...request, scope }, request.parameters)
    const { refreshToken: _, ...tokens } = await exchange(client, form, scope, { signal, dpopKey })
    return redactedSet(tokens)
  }
}
