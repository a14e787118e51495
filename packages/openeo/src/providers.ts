import { isObject, type JsonObject, showable, textOf, textsOf } from '@latchkey/core/http'
import { allowedUrl } from './address.ts'
import type { DefaultClient, OidcProvider } from './provider.ts'
import { quoted } from './quoted.ts'

/** What a back-end lists, and what of it cannot be used. */
export interface ListedProviders {
  readonly providers: readonly OidcProvider[]
  /** A sentence for each entry that was passed over, and why. */
  readonly skipped: readonly string[]
}

/** Stands in `oidc/ID/TOKEN`: visible, and without the slash that ends it. */
const idForm = /^[\x21-\x2e\x30-\x7e]{1,100}$/
/** RFC 6749 appendix A.1 and A.4. */
const clientIdForm = /^[\x20-\x7e]+$/
const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** The providers in a document of `/credentials/oidc`. What is broken is passed over, and never the whole. */
export function parseProviders(document: JsonObject | undefined): ListedProviders {
  const entries: unknown = document?.['providers']
  if (!Array.isArray(entries)) return { providers: [], skipped: ['The providers of the back-end are no list.'] }
  const providers = new Map<string, OidcProvider>()
  const skipped: string[] = []
  for (const [index, entry] of entries.entries()) {
    const provider = providerOf(entry, skipped)
    const why = typeof provider === 'string' ? provider : providers.has(provider.id) ? 'its id is listed before' : ''
    if (typeof provider === 'string' || why !== '')
      skipped.push(`Provider ${nameOf(entry, index)}: passed over, ${why}.`)
    else providers.set(provider.id, provider)
  }
  return { providers: [...providers.values()], skipped }
}

const nameOf = (entry: unknown, index: number): string => {
  const id = isObject(entry) ? textOf(entry, 'id') : undefined
  return id === undefined ? `number ${index + 1}` : quoted(id)
}

/** The provider, or why it cannot be used. */
function providerOf(entry: unknown, skipped: string[]): OidcProvider | string {
  if (!isObject(entry)) return 'it is no object'
  const id = textOf(entry, 'id')
  if (id === undefined || !idForm.test(id)) return 'its id cannot stand in a header'
  const issuer = textOf(entry, 'issuer') ?? ''
  if (allowedUrl(issuer) === undefined || /[?#]/.test(issuer)) {
    return `its issuer ${quoted(issuer)} is no https address without query`
  }
  const clients: unknown = entry['default_clients'] ?? []
  if (!Array.isArray(clients)) skipped.push(`Provider ${quoted(id)}: its default clients are no list.`)
  return {
    id,
    issuer,
    title: showable(textOf(entry, 'title') ?? id),
    scopes: textsOf(entry, 'scopes').filter((word) => scopeForm.test(word)),
    defaultClients: Array.isArray(clients) ? clients.flatMap((client) => clientOf(client, id, skipped)) : [],
    authorizationParameters: parametersOf(entry['authorization_parameters']),
  }
}

function clientOf(entry: unknown, provider: string, skipped: string[]): readonly DefaultClient[] {
  const id = isObject(entry) ? textOf(entry, 'id') : undefined
  if (isObject(entry) && id !== undefined && clientIdForm.test(id)) {
    return [{ id, grantTypes: textsOf(entry, 'grant_types'), redirectUrls: textsOf(entry, 'redirect_urls') }]
  }
  skipped.push(`Provider ${quoted(provider)}: a default client was passed over, it has no id.`)
  return []
}

/** Values are sent as text, whatever they are written as. */
function parametersOf(value: unknown): Readonly<Record<string, string>> {
  const plain = Object.entries(isObject(value) ? value : {}).filter(([, one]) =>
    /^(string|number|boolean)$/.test(typeof one),
  )
  return Object.fromEntries(plain.map(([name, one]) => [name, String(one)]))
}
