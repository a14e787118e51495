import { type Client, stateOf } from '../client/client.ts'
import { tokenSetOf } from '../issuer/token-answer.ts'
import { type ExtraParameters, type PostOptions, tokenRequest } from '../issuer/token-request.ts'
import type { TokenRequest } from '../store/variant.ts'
import type { TokenSet } from './grant.ts'

/** What a grant asks for. */
export interface GrantRequest extends TokenRequest {
  /** Parameters that the standards do not name, sent as they are. */
  readonly parameters?: ExtraParameters | undefined
}

/** How a form is sent, and what its answer must agree with beyond what every answer must. */
export interface ExchangeOptions extends PostOptions {
  readonly expected?:
    | { readonly idToken?: boolean; readonly nonce?: string; readonly maxAge?: number | undefined }
    | undefined
}

/** One form sent to the token endpoint, and what came of it, with every check. */
export async function exchange(
  client: Client,
  form: URLSearchParams,
  scope: string | undefined,
  options: ExchangeOptions,
): Promise<TokenSet> {
  const { text } = await tokenRequest(client, form, options)
  const receivedAt = stateOf(client).access.clock.now()
  return tokenSetOf(
    client,
    text,
    { ...options.expected, receivedAt, scope, signature: true, dpop: options.dpopKey !== undefined },
    options.signal,
  )
}
