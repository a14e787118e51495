import type { Client } from '@latchkey/core'
import { textsOf } from '@latchkey/core/http'
import type { OidcProvider } from './provider.ts'

/** What the scope is for. */
export interface ScopeOptions {
  /** `offline_access` is asked for, unless the issuer lists scopes and that is not among them. */
  readonly refresh: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * The scope as the Python client asks for it: `openid` and what the back-end says, sorted. `scopes_supported` filters
 * nothing of that, since some issuers list a few of those they take (Microsoft Entra ID). `offline_access` is our own
 * wish: an issuer that has another way (Google) refuses the word, and its list says so.
 *
 * @throws `DISCOVERY_FAILED`, `ABORTED`
 */
export async function scopeFor(
  client: Pick<Client, 'metadata'>,
  provider: OidcProvider,
  { refresh, signal }: ScopeOptions,
): Promise<string> {
  const wanted = new Set(['openid', ...provider.scopes])
  if (!refresh) wanted.delete('offline_access')
  else if (await takesOfflineAccess(client, signal)) wanted.add('offline_access')
  return [...wanted].toSorted().join(' ')
}

async function takesOfflineAccess(client: Pick<Client, 'metadata'>, signal?: AbortSignal): Promise<boolean> {
  const metadata = await client.metadata({ signal })
  return (
    !Array.isArray(metadata['scopes_supported']) || textsOf(metadata, 'scopes_supported').includes('offline_access')
  )
}
