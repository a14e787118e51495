import type { Client } from '@latchkey/core'
import { textsOf } from './json.ts'
import type { OidcProvider } from './provider.ts'

/** What the scope is for. */
export interface ScopeOptions {
  /** `offline_access` is asked for where the issuer lists it. */
  readonly refresh: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * The scope as the Python client asks for it: `openid` and the provider's scopes as far as the issuer lists them in
 * `scopes_supported` (absent: `openid` alone), sorted; `''` where nothing is left.
 *
 * @throws `DISCOVERY_FAILED`, `ABORTED`
 */
export async function scopeFor(
  client: Pick<Client, 'metadata'>,
  provider: OidcProvider,
  { refresh, signal }: ScopeOptions,
): Promise<string> {
  const metadata = await client.metadata({ signal })
  const supported = Array.isArray(metadata['scopes_supported']) ? textsOf(metadata, 'scopes_supported') : ['openid']
  const wanted = new Set(['openid', ...provider.scopes, ...(refresh ? ['offline_access'] : [])])
  if (!refresh) wanted.delete('offline_access')
  return [...wanted]
    .filter((word) => supported.includes(word))
    .toSorted()
    .join(' ')
}
