import type { Client } from '@latchkey/core'
import type { Target } from '../target.ts'
import type { LoginRequest } from './login-request.ts'

const lasting = 'offline_access'

/**
 * What a login asks for: what was said, or the words of the default that the issuer knows, where it says which it knows.
 * A token that nobody keeps needs no login that lasts.
 */
export async function scopeFor(
  client: Client,
  target: Target,
  request: LoginRequest,
  signal: AbortSignal,
): Promise<string> {
  if (request.scope !== undefined) return request.scope
  const listed = (await client.metadata({ signal }))['scopes_supported']
  return target.scope
    .split(' ')
    .filter((word) => request.stores || word !== lasting)
    .filter((word) => word === 'openid' || !Array.isArray(listed) || listed.includes(word))
    .join(' ')
}

/** Several audiences as their issuer takes them. */
export function audienceFor({ row }: Target, { audience }: LoginRequest): readonly string[] | undefined {
  return row?.audience === 'joined' && audience !== undefined ? [audience.join(' ')] : audience
}
