import type { Fetch, TokenStore } from '@latchkey/core'
import { jsonObject } from '@latchkey/core/http'
import type { AuthConfig } from '@latchkey/file-store'
import { apiError } from './api-error.ts'
import { type Access, apiGet } from './api-fetch.ts'
import type { ChoiceRequest } from './choice.ts'
import type { Ground } from './choose-provider.ts'
import type { Root } from './discovery.ts'
import { lists } from './endpoints.ts'
import type { KnownBackends } from './known-backends.ts'
import { type ListedProviders, parseProviders } from './providers.ts'

/** A connected back-end, as the parts of this package see it. */
export interface Connection extends Root {
  readonly url: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly access: Access
  /** As the caller gave it: clients of one issuer share its metadata only where they share this. */
  readonly fetch: Fetch | undefined
  readonly store: TokenStore
  /** Whether the caller gave the store: then a machine's tokens are shared through it too. */
  readonly ownStore: boolean
  readonly config: AuthConfig
  readonly known: KnownBackends | undefined
}

/** What the back-end lists now: it should not be kept for long. */
export async function listedProviders(connection: Connection, signal?: AbortSignal): Promise<ListedProviders> {
  const { access, capabilities, root } = connection
  const listed = lists(capabilities, '/credentials/oidc')
  if (listed === false) return { providers: [], skipped: [] }
  const answer = await apiGet(access, new URL(`${root}/credentials/oidc`), { signal })
  if (answer.status === 404 && listed === undefined) return { providers: [], skipped: [] }
  const document = answer.status === 200 ? jsonObject(answer.text) : undefined
  if (document === undefined) throw apiError(answer, 'The OpenID providers of the back-end')
  return parseProviders(document)
}

/** What a choice at this back-end is made from. Files are not read where the caller has said all. */
export async function groundOf(
  connection: Connection,
  { clientId, providerId }: ChoiceRequest,
  signal?: AbortSignal,
): Promise<Ground> {
  const { url, env, config } = connection
  const listed = await listedProviders(connection, signal)
  const isSaid = clientId && (providerId !== undefined || listed.providers.length === 1)
  return { url, listed, configured: isSaid ? new Map() : await config.oidcClients(url), env }
}
