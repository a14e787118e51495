import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { arrival } from '../api/protected-api.ts'
import type { Arrival } from '../api/route.ts'
import { listen } from '../listen.ts'
import { type Reply, sendReply } from '../scripted/reply.ts'
import { pathOf, wellKnown } from './capabilities.ts'
import { credentials, type VerifyToken } from './credentials.ts'
import { jobs } from './jobs.ts'
import { refuse } from './refusal.ts'
import { answer } from './routes.ts'
import { defaultSettings, type OpeneoSettings } from './settings.ts'

/** What a mock back-end is started with, on top of {@link OpeneoSettings}. */
export interface OpeneoOptions extends Partial<OpeneoSettings> {
  /** Whether a token of a provider is good: usually `provider().verify`. Default: none is. */
  readonly verify?: VerifyToken | undefined
}

/** A mock openEO back-end, and another origin that its results lead to. */
export interface OpeneoBackend {
  /** What a user would type: where `/.well-known/openeo` is. */
  readonly url: string
  /** The API's newest version, by number. */
  readonly root: string
  /** May be changed while it runs. */
  readonly settings: OpeneoSettings
  /** Every request, in order of arrival; paths are whole. */
  readonly arrivals: readonly Arrival[]
  /** The requests for one path below any version's root: `/me`. */
  received(path: string): readonly Arrival[]
  /** Refuses one token from now on, though its issuer would not. */
  refuse(accessToken: string): void
  /** The other origin, which answers 200 `{"external":true}` to everybody: no `authorization` may ever arrive there. */
  readonly external: { readonly origin: string; readonly arrivals: readonly Arrival[] }
  /** Forgets what arrived. */
  clear(): void
  close(): Promise<void>
}

const newest = (settings: OpeneoSettings): string => {
  const numbers = settings.versions.toSorted((a, b) =>
    a.api_version.localeCompare(b.api_version, 'en', { numeric: true }),
  )
  const last = numbers.at(-1)
  return last === undefined ? '' : pathOf(last)
}

interface Found {
  readonly version: string
  /** Where that version is served: a path. */
  readonly root: string
  readonly rest: string
}

/** The version a path belongs to, and what follows its root. */
function below(path: string, settings: OpeneoSettings): Found | undefined {
  if (settings.versions.length === 0) return { version: '1.2.0', root: '', rest: path }
  for (const version of settings.versions) {
    const root = pathOf(version)
    if (path === root || path.startsWith(`${root}/`)) {
      return { version: version.api_version, root, rest: path.slice(root.length) || '/' }
    }
  }
  return undefined
}

/** Answers every request with what `reply` makes of it, and keeps it in `arrivals`. */
function recording(arrivals: Arrival[], reply: (request: Arrival) => Promise<Reply>): RequestListener {
  const answered = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await arrival(incoming)
    arrivals.push(request)
    await sendReply(response, await reply(request))
  }
  return (incoming, response) => {
    // The client broke off.
    answered(incoming, response).catch(() => response.destroy())
  }
}

/**
 * A mock openEO back-end on loopback that the openEO Python client and `@openeo/js-client` accept: version discovery,
 * capabilities, both kinds of credentials, an account, a collection, processes, batch jobs whose results lie here and elsewhere.
 */
export async function openeoBackend(options: OpeneoOptions = {}): Promise<OpeneoBackend> {
  const settings: OpeneoSettings = { ...defaultSettings }
  for (const name of Object.keys(defaultSettings) as (keyof OpeneoSettings)[]) {
    if (options[name] !== undefined) Object.assign(settings, { [name]: options[name] })
  }
  const arrivals: Arrival[] = []
  const elsewhere: Arrival[] = []
  const entry = credentials(settings, options.verify ?? (() => undefined))
  const work = jobs(settings)
  const external = await listen(() => recording(elsewhere, async () => ({ body: { external: true } })))

  const server = await listen((origin) =>
    recording(arrivals, async (request) => {
      const url = new URL(request.path, origin)
      const found = below(url.pathname, settings)
      const reply = (): Reply => {
        if (url.pathname === '/.well-known/openeo' && settings.versions.length > 0) {
          return { body: wellKnown(origin, settings.versions) }
        }
        if (found === undefined) return refuse(404, 'NotFound')
        const places = { root: origin + found.root, external: external.origin }
        return answer({ request, url, places, ...found }, { settings, credentials: entry, jobs: work })
      }
      const given = settings.answer?.(request) ?? reply()
      if (settings.delay > 0) await delay(settings.delay)
      return given
    }),
  )

  return {
    url: server.origin,
    get root() {
      return server.origin + newest(settings)
    },
    settings,
    arrivals,
    received: (path) =>
      arrivals.filter((one) => below(new URL(one.path, server.origin).pathname, settings)?.rest === path),
    refuse: entry.refuse,
    external: { origin: external.origin, arrivals: elsewhere },
    clear: () => {
      arrivals.length = 0
      elsewhere.length = 0
    },
    close: async () => {
      await Promise.all([server.close(), external.close()])
    },
  }
}
