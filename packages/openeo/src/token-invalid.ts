import type { Answer } from '@latchkey/core'
import { jsonObject } from '@latchkey/core/http'

/**
 * What a refusal of an openEO back-end means: the token only where the body's `code` is `TokenInvalid`, with 403 as the
 * API has it or 401 as some send it. Every other one (`AuthenticationRequired`, `PermissionsInsufficient`,
 * `TokenExchangeFailure`, a gateway's page) would not get better with another token.
 */
export async function tokenInvalid(answer: Pick<Answer, 'status' | 'text'>): Promise<'token' | 'caller'> {
  if (answer.status !== 401 && answer.status !== 403) return 'caller'
  return jsonObject(await answer.text())?.['code'] === 'TokenInvalid' ? 'token' : 'caller'
}
