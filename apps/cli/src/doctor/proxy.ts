import { existsSync } from 'node:fs'
import { type Check, type Finding, fail, ok, warn } from './finding.ts'

type Env = Readonly<Record<string, string | undefined>>

const proxyNames = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy']

/** Node takes these variables only if it is told to (since 22.21 and 24.0); what they hold may be a password. */
export function proxyFinding(env: Env, execArgv: readonly string[], reached: boolean): Finding | undefined {
  const names = proxyNames.filter((name) => env[name])
  if (names.length === 0) return undefined
  const told =
    env['NODE_USE_ENV_PROXY'] === '1' ||
    `${execArgv.join(' ')} ${env['NODE_OPTIONS'] ?? ''}`.includes('--use-env-proxy')
  if (told) return usedFinding(names, env, reached)
  const text = `${names.join(', ')} set, but Node uses no proxy unless it is told to.`
  const mend = 'export NODE_USE_ENV_PROXY=1'
  return reached ? warn('proxy', text, mend) : fail('proxy', text, mend)
}

/** A proxy that is down, or refuses, looks like an issuer that is. */
function usedFinding(names: readonly string[], env: Env, reached: boolean): Finding {
  if (reached) return ok('proxy', `${names.join(', ')} set, and used`)
  const places = new Set(names.map((name) => placeOf(env[name] ?? '')))
  const text = `All goes through the proxy ${[...places].join(', ')} (${names.join(', ')}): that may be down, or refuse.`
  return warn('proxy', text, 'another proxy, or none: export NO_PROXY=HOST')
}

/** Host and port; a name and a password before them are nobody's business. */
function placeOf(proxy: string): string {
  const url = URL.parse(proxy) ?? URL.parse(`http://${proxy}`)
  return url?.host ? url.host : 'whose address cannot be read'
}

/** What weakens TLS, or was meant to strengthen it and does not. */
export function tlsFinding(env: Env, exists: (path: string) => boolean): Finding | undefined {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    const text = 'NODE_TLS_REJECT_UNAUTHORIZED=0: whoever is on the way can read every token.'
    return fail('proxy', text, 'unset NODE_TLS_REJECT_UNAUTHORIZED; set NODE_EXTRA_CA_CERTS=/path/to/ca.pem')
  }
  const extra = env['NODE_EXTRA_CA_CERTS']
  if (!extra) return undefined
  if (exists(extra)) return ok('proxy', `certificates of ${extra} are trusted too`)
  return fail(
    'proxy',
    `NODE_EXTRA_CA_CERTS names ${extra}, which does not exist.`,
    'unset NODE_EXTRA_CA_CERTS, or correct it',
  )
}

export const proxyCheck: Check = async ({ context, issuers }) => {
  const reached = issuers.every(({ metadata }) => metadata !== undefined)
  const { env } = context.io
  return [proxyFinding(env, process.execArgv, reached), tlsFinding(env, existsSync)].filter((one) => one !== undefined)
}
