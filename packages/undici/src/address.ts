import { stringify } from 'node:querystring'
import type { Options } from './wire.ts'

/** An origin without the slash that some write behind it. */
function originText(origin: unknown): string | undefined {
  if (typeof origin === 'string') return origin.endsWith('/') ? origin.slice(0, -1) : origin
  return origin instanceof URL ? origin.origin : undefined
}

/**
 * Where a request goes. The path is put behind the origin and never resolved against it: `//elsewhere` and absolute
 * paths do not choose the host that undici connects to.
 *
 * @param fixed the only origin that the dispatcher connects to, whatever the request says
 * @returns `undefined` where that cannot be told for sure: then nothing of ours may go there
 */
export function addressOf({ origin, path, query }: Options, fixed: string | undefined): URL | undefined {
  const base = originText(origin ?? fixed)
  if (base === undefined || typeof path !== 'string' || !path.startsWith('/')) return undefined
  const url = URL.parse(query ? `${base}${path}?${stringify(query)}` : base + path)
  return url === null || (fixed !== undefined && url.origin !== fixed) ? undefined : url
}
