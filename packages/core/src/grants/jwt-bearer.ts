import { abandonable, type Client } from '../client/client.ts'
import type { AssertionRequest } from '../client/client-authentication.ts'
import { AuthError } from '../errors.ts'
import { formOf } from '../issuer/token-request.ts'
import type { Grant } from './grant.ts'
import { exchange, type GrantRequest } from './grant-request.ts'

/** What is presented. The scope defaults to the client's. */
export interface JwtBearerOptions extends GrantRequest {
  /** A signed JWT that says whose rights are asked for, or what makes one: asked anew for each exchange. */
  readonly assertion: string | ((request: AssertionRequest) => string | Promise<string>)
}

/**
 * A token for a JWT that somebody the issuer trusts has signed (RFC 7523 section 2.1).
 *
 * @returns a grant that throws `CONFIG_INVALID` (an assertion that is refused, or none), `UNSUPPORTED`, `DISCOVERY_FAILED`, `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`, `RESPONSE_INVALID`, `ABORTED`, and what the callback throws
 */
export function jwtBearer(client: Client, options: JwtBearerOptions): Grant {
  const scope = options.scope ?? client.scope
  return async ({ signal, dpopKey } = {}) => {
    const assertion = await assertionFrom(client, options.assertion, signal)
    const fixed = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }
    return exchange(client, formOf(fixed, { ...options, scope }, options.parameters), scope, { signal, dpopKey })
  }
}

async function assertionFrom(
  client: Client,
  assertion: JwtBearerOptions['assertion'],
  signal?: AbortSignal,
): Promise<string> {
  if (typeof assertion === 'string') return assertion
  const metadata = await client.metadata({ signal })
  const request = { issuer: metadata.issuer, tokenEndpoint: metadata.token_endpoint, clientId: client.clientId }
  const work = (async () => assertion(request))()
  const made: unknown = await abandonable(work, signal)
  if (typeof made === 'string' && made !== '') return made
  throw new AuthError('CONFIG_INVALID', `There is no assertion for ${metadata.issuer}: what makes it gave none.`)
}
