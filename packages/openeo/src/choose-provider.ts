import { AuthError } from '@latchkey/core'
import { showable } from '@latchkey/core/http'
import type { OidcClient } from '@latchkey/file-store'
import type { ChoiceRequest } from './choice.ts'
import type { OidcProvider } from './provider.ts'
import type { ListedProviders } from './providers.ts'
import { quoted } from './quoted.ts'

/** What a choice is made from. */
export interface Ground {
  /** The back-end, for sentences. */
  readonly url: string
  readonly listed: ListedProviders
  /** The clients of `auth-config.json`, by provider id. */
  readonly configured: ReadonlyMap<string, OidcClient>
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A provider, and a sentence for each that was looked at. */
export interface ProviderChoice {
  readonly provider: OidcProvider
  readonly reasons: readonly string[]
}

const variable = 'OPENEO_AUTH_PROVIDER_ID'
const longestError = 4000

/**
 * The provider, in the order of the Python client: asked for, `OPENEO_AUTH_PROVIDER_ID` where that is listed, the only
 * one, the only one that is configured, the first.
 *
 * @throws `UNSUPPORTED` where none is listed, `CONFIG_INVALID` where the one asked for is not
 */
export function chooseProvider(ground: Ground, { providerId }: ChoiceRequest): ProviderChoice {
  const { url, listed, env } = ground
  const { providers, skipped } = listed
  const [first] = providers
  if (first === undefined) {
    throw new AuthError(
      'UNSUPPORTED',
      showable(['Backend lists no OIDC providers.', url, ...skipped].join(' '), [], longestError),
    )
  }
  const [provider, why] = picked(ground, providerId, first)
  const notes = providers.map((one) =>
    one === provider
      ? `Provider ${quoted(one.id)} (issuer ${showable(one.issuer)}): ${why}.`
      : `Provider ${quoted(one.id)} (issuer ${showable(one.issuer)}): not taken.`,
  )
  const named = env[variable]
  const unlisted = providerId === undefined && named && !providers.some(({ id }) => id === named)
  const ignored = unlisted ? [`${variable} is ${quoted(named)}, which is not listed: ignored.`] : []
  return { provider, reasons: [...notes, ...ignored, ...skipped] }
}

function picked(
  { url, listed, configured, env }: Ground,
  providerId: string | undefined,
  first: OidcProvider,
): readonly [OidcProvider, string] {
  const { providers } = listed
  const byId = (id: string | undefined): OidcProvider | undefined => providers.find((one) => one.id === id)
  if (providerId !== undefined) return [byId(providerId) ?? notListed(providerId, listed), 'asked for']
  const named = byId(env[variable])
  if (named !== undefined) return [named, `named by ${variable}`]
  if (providers.length === 1) return [first, `the only one that ${showable(url)} lists`]
  const [one, ...more] = providers.filter(({ id }) => configured.has(id))
  if (one !== undefined && more.length === 0) return [one, 'the only one of those listed that is in auth-config.json']
  return [first, `the first of ${providers.length} that ${showable(url)} lists`]
}

function notListed(providerId: string, { providers, skipped }: ListedProviders): never {
  const ids = providers.map(({ id }) => quoted(id)).join(', ')
  const text = `Requested OIDC provider ${quoted(providerId)} not available. Should be one of [${ids}].`
  throw new AuthError('CONFIG_INVALID', showable([text, ...skipped].join(' '), [], longestError))
}
