import { AuthError, isAuthError } from '@latchkey/core'
import { isObject, type JsonObject, jsonObject, textOf } from '@latchkey/core/http'
import { allowedUrl, mayLead, trimmed } from './address.ts'
import { apiError } from './api-error.ts'
import { type Access, apiGet } from './api-fetch.ts'
import { quoted } from './quoted.ts'
import { compareVersions, isSupported, parseVersion, type Version } from './version.ts'

/** Where a back-end's API is, and what it says of itself. */
export interface Root {
  /** Without slash at the end. */
  readonly root: string
  readonly apiVersion: string
  readonly capabilities: JsonObject
}

/** What does not answer by then lists no versions. */
const wellKnownTimeoutMs = 10_000

interface Listed {
  readonly url: string
  readonly version: Version
  readonly production: boolean
}

/**
 * The API of a back-end: the version its `/.well-known/openeo` recommends, or the address itself where there is no such
 * document, for whatever reason.
 *
 * A version may stand on another origin, as with aggregators: the host that the person named says so over https. A
 * redirect of the API itself may not lead there.
 *
 * @throws `RESPONSE_INVALID`, `UNSUPPORTED` for an API before 1.0.0, `SERVER_ERROR`, `NETWORK`, `TIMEOUT`, `TLS`, `ABORTED`
 */
export async function discoverRoot(access: Access, url: string, signal?: AbortSignal): Promise<Root> {
  const listed = await recommended(access, new URL(`${url}/.well-known/openeo`), signal)
  const answer = await apiGet(access, new URL(`${listed ?? url}/`), { signal })
  const capabilities = answer.status === 200 ? jsonObject(answer.text) : undefined
  if (capabilities === undefined) throw apiError(answer, 'The openEO capabilities')
  const apiVersion = textOf(capabilities, 'api_version')
  if (apiVersion === undefined) {
    const text = `What ${answer.url} answers are no openEO capabilities: it names no api_version.`
    throw new AuthError('RESPONSE_INVALID', `${text} Check that it is the address of an openEO back-end.`)
  }
  if (!isSupported(parseVersion(apiVersion))) {
    const text = `openEO API version should be at least 1.0.0, but ${answer.url} has ${quoted(apiVersion)}.`
    throw new AuthError('UNSUPPORTED', `${text} Connect to a newer version of the back-end.`)
  }
  const { origin, pathname } = new URL(answer.url)
  return { root: trimmed(origin + pathname), apiVersion, capabilities }
}

async function recommended(access: Access, wellKnown: URL, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const answer = await apiGet(access, wellKnown, {
      signal,
      anyOrigin: true,
      once: true,
      timeoutMs: wellKnownTimeoutMs,
    })
    return answer.status === 200 ? bestVersion(jsonObject(answer.text), wellKnown) : undefined
  } catch (error) {
    if (!isAuthError(error) || error.code === 'ABORTED') throw error
    return undefined
  }
}

/**
 * The address of the version to use: 1.0.0 or later, one for production (or that does not say) before one that is not,
 * the latest by SemVer precedence, the first of equal ones.
 *
 * @param from where the document was asked for: https never leads to http
 */
export function bestVersion(document: JsonObject | undefined, from: URL): string | undefined {
  const versions: unknown = document?.['versions']
  const usable = (Array.isArray(versions) ? versions : []).flatMap((entry) => listedOf(entry, from))
  const [best] = usable.toSorted(
    (a, b) => Number(b.production) - Number(a.production) || compareVersions(b.version, a.version),
  )
  return best?.url
}

function listedOf(entry: unknown, from: URL): readonly Listed[] {
  if (!isObject(entry)) return []
  const version = parseVersion(textOf(entry, 'api_version') ?? '')
  const url = allowedUrl(textOf(entry, 'url') ?? '')
  if (!isSupported(version) || url === undefined || !mayLead(from, url)) return []
  if (url.search !== '' || url.hash !== '') return []
  return [{ url: trimmed(url.href), version, production: (entry['production'] ?? true) === true }]
}
