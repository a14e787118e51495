import { isAuthError } from '@latchkey/core'
import { isObject, type JsonObject, jsonObject, textOf, textsOf } from '@latchkey/core/http'
import { allowedUrl } from './address.ts'
import { apiGet } from './api-fetch.ts'
import type { Connection } from './connection.ts'

const jwtClass = /^https:\/\/api\.openeo\.org\/[^/]+\/authentication\/jwt\/?$/
const conformanceRels: ReadonlySet<string> = new Set([
  'conformance',
  'http://www.opengis.net/def/rel/ogc/1.0/conformance',
])

const lists = (document: JsonObject | undefined): boolean =>
  textsOf(document, 'conformsTo').some((one) => jwtClass.test(one))

/**
 * Whether the back-end takes the token as it is (openEO 1.3 conformance class `authentication/jwt`): listed in its
 * capabilities, or in the conformance document they link to where they list nothing. A document that cannot be had lists
 * nothing: the prefixed form is good everywhere.
 *
 * @throws `ABORTED`
 */
export async function takesBareJwt(connection: Connection, signal?: AbortSignal): Promise<boolean> {
  const { access, capabilities, root } = connection
  if (Array.isArray(capabilities['conformsTo'])) return lists(capabilities)
  const address = conformanceUrl(capabilities, root)
  if (address === undefined) return false
  try {
    const answer = await apiGet(access, address, { signal })
    return answer.status === 200 && lists(jsonObject(answer.text))
  } catch (error) {
    if (!isAuthError(error) || error.code === 'ABORTED') throw error
    return false
  }
}

/** Of the back-end's own origin: nobody else says how its tokens are sent. */
function conformanceUrl(capabilities: JsonObject, root: string): URL | undefined {
  const links: unknown = capabilities['links']
  const found = (Array.isArray(links) ? links : []).find(
    (one) => isObject(one) && conformanceRels.has(textOf(one, 'rel') ?? ''),
  )
  const url = allowedUrl(textOf(isObject(found) ? found : undefined, 'href') ?? '', `${root}/`)
  return url?.origin === new URL(root).origin ? url : undefined
}
