import { type Client, stateOf } from '../client/client.ts'
import { tokenSetOf } from '../issuer/token-answer.ts'
import { type ExtraParameters, formOf, tokenRequest } from '../issuer/token-request.ts'
import type { TokenRequest } from '../store/variant.ts'
import type { Grant } from './grant.ts'

/** What a grant asks for. */
export interface GrantRequest extends TokenRequest {
  /** Parameters that the standards do not name, sent as they are. */
  readonly parameters?: ExtraParameters | undefined
}

/**
 * A client asks for itself (RFC 6749 section 4.4). A refresh token in the answer is ignored (section 4.4.3).
 *
 * @throws `CONFIG_INVALID` (secret, scope), `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`
 */
export function clientCredentials(client: Client, request: GrantRequest = {}): Grant {
  const scope = request.scope ?? client.scope
  return async ({ signal } = {}) => {
    const form = formOf({ grant_type: 'client_credentials' }, { ...request, scope }, request.parameters)
    const { text } = await tokenRequest(client, form, signal)
    const receivedAt = stateOf(client).access.clock.now()
    const { refreshToken: _, ...tokens } = await tokenSetOf(
      client,
      text,
      { receivedAt, scope, signature: true },
      signal,
    )
    return tokens
  }
}
