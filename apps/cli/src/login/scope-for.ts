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
  target: Pick<Target, 'scope'>,
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

/** What says who somebody is (OpenID Connect Core section 5.4). */
export const naming: readonly string[] = ['profile', 'email']

/**
 * What the logins of a client ask for that is registered here: also who it is, where the issuer lists the words for it.
 * Another client may not be allowed them.
 */
export async function scopeToRegister(
  client: Client,
  target: Target,
  request: LoginRequest,
  signal: AbortSignal,
): Promise<string> {
  const scope = await scopeFor(client, target, request, signal)
  if (request.scope !== undefined) return scope
  const listed: unknown = (await client.metadata({ signal }))['scopes_supported']
  const words = scope.split(' ')
  const more = naming.filter((word) => Array.isArray(listed) && listed.includes(word) && !words.includes(word))
  return [...words, ...more].join(' ')
}

/** Several audiences as their issuer takes them. */
export function audienceFor({ row }: Target, { audience }: LoginRequest): readonly string[] | undefined {
  return row?.audience === 'joined' && audience !== undefined ? [audience.join(' ')] : audience
}
