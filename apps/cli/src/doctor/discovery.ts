import { quoted } from '../quoted.ts'
import { type Check, type Finding, fail, ok, type Visit } from './finding.ts'

const mends: Readonly<Record<string, string>> = {
  TLS: 'check the address; behind a proxy that opens TLS set NODE_EXTRA_CA_CERTS=/path/to/its-ca.pem',
  NETWORK: 'check the address, the name (getent hosts %) and the proxy',
  TIMEOUT: 'check the network and the proxy: a firewall that drops packets looks like this',
  SERVER_ERROR: 'wait; the server is there and in trouble',
  CONFIG_INVALID: 'check the address of the issuer',
}

/** Judges whether an issuer is there. */
export function discoveryFinding({ issuer, metadata, failure, tookMs }: Visit): Finding {
  if (metadata !== undefined) return ok('issuer', `${issuer} answers (${tookMs} ms)`)
  const { code, message } = failure ?? { code: '', message: `${issuer} did not answer.` }
  const { hostname } = new URL(issuer)
  return fail(
    'issuer',
    message,
    (mends[code] ?? 'check the address of the issuer').replace('%', () => quoted(hostname)),
  )
}

export const discoveryCheck: Check = async ({ issuers }) => issuers.map(discoveryFinding)
