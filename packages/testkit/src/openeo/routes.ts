import type { Arrival } from '../api/route.ts'
import type { Reply } from '../scripted/reply.ts'
import { capabilities, conformance } from './capabilities.ts'
import type { Credentials } from './credentials.ts'
import { personalDocuments, publicDocuments } from './documents.ts'
import type { Jobs, Places } from './jobs.ts'
import { refuse } from './refusal.ts'
import type { OpeneoSettings } from './settings.ts'

/** A request below the root of one version of the API. */
export interface Asked {
  readonly request: Arrival
  readonly url: URL
  readonly version: string
  /** The path below the root; `/` for the root itself. */
  readonly rest: string
  readonly places: Places
}

/** What a back-end answers from. */
export interface Parts {
  readonly settings: OpeneoSettings
  readonly credentials: Credentials
  readonly jobs: Jobs
}

/** What needs no token. */
function openAnswer({ request, url, version, rest, places }: Asked, { settings, jobs }: Parts): Reply | undefined {
  if (rest.startsWith('/jobs/')) {
    return jobs.signed(rest.split('/').slice(2), url.searchParams.get('signature'), places)
  }
  if (request.method !== 'GET') return undefined
  if (rest === '/') return { body: capabilities(places.root, version, settings) }
  if (rest === '/conformance') return { body: conformance(settings) }
  if (rest === '/credentials/oidc' && settings.providers.length > 0) return { body: { providers: settings.providers } }
  if (rest.startsWith('/credentials/') || rest.startsWith('/.well-known/')) return refuse(404, 'NotFound')
  const body = publicDocuments[rest]
  return body === undefined ? undefined : { body }
}

/** What is done for a user. */
function userAnswer({ request, rest, places }: Asked, user: string, { jobs }: Parts): Reply {
  const { method, body } = request
  const [, first, ...more] = rest.split('/')
  if (first === 'jobs') return jobs.answer({ method, rest: more, body, user, places })
  if (`${method} ${rest}` === 'GET /me') return { body: { user_id: user, name: user, links: [] } }
  if (`${method} ${rest}` === 'POST /validation') return { body: { errors: [] } }
  if (`${method} ${rest}` === 'POST /result') return { body: { computed: true } }
  const document = method === 'GET' ? personalDocuments[rest] : undefined
  return document === undefined ? refuse(404, 'NotFound') : { body: document }
}

/** The answer to one request. */
export function answer(asked: Asked, parts: Parts): Reply {
  const { settings, credentials } = parts
  const authorization = asked.request.headers['authorization']
  if (asked.rest === '/credentials/basic' && Object.keys(settings.users).length > 0) {
    return credentials.login(authorization)
  }
  const open = openAnswer(asked, parts)
  if (open !== undefined && !(settings.checkPublic && authorization !== undefined)) return open
  const asker = credentials.asker(authorization)
  if ('refused' in asker) return asker.refused
  return open ?? userAnswer(asked, asker.user, parts)
}
