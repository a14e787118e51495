import type { Client } from '../client/client.ts'
import { formOf } from '../issuer/token-request.ts'
import type { Grant } from './grant.ts'
import { exchange, type GrantRequest } from './grant-request.ts'
import { joinedScope } from './step-up-request.ts'

/** Whose password is sent. The scope defaults to the client's. */
export interface PasswordOptions extends GrantRequest {
  readonly username: string
  readonly password: string
}

/**
 * A person's name and password, sent by this program (RFC 6749 section 4.3). A last resort, for accounts of machines at
 * issuers that have nothing else: the program sees the password, nobody is asked for a second factor, and RFC 9700
 * section 2.4 forbids it. Nothing here takes it by itself: give it to `cached`, or to a session as its `login`. A
 * step-up's scope is asked for on top.
 *
 * @returns a grant that throws `LOGIN_DENIED` (the issuer refuses the name or the password), `CONFIG_INVALID` (also a client that may not do this), `UNSUPPORTED`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`, `ABORTED`
 */
export function password(client: Client, options: PasswordOptions): Grant {
  const { username, password } = options
  return async ({ signal, stepUp, dpopKey } = {}) => {
    const scope = joinedScope(options.scope ?? client.scope, stepUp?.scope)
    const form = formOf({ grant_type: 'password', username, password }, { ...options, scope }, options.parameters)
    return exchange(client, form, scope, { signal, dpopKey })
  }
}
