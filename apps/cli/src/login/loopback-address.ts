import type { LoopbackRedirect } from '@latchkey/login'

const loopback = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::(\d+))?(\/[\w./~-]*)?$/i

/**
 * Where a client with these redirect URIs may be answered on loopback: host and path of the first that is there, with
 * every port that is registered for them; without one any port will do (RFC 8252 section 7.3). `false`: nowhere.
 */
export function loopbackAddress(uris: readonly string[]): LoopbackRedirect | false {
  const found = uris.map((uri) => loopback.exec(uri)).filter((match) => match !== null)
  const [first] = found
  if (first === undefined) return false
  const [, host = '', , path = ''] = first
  const same = found.filter((match) => match[1] === host && (match[3] ?? '') === path)
  const ports = same.map((match) => match[2]).filter((port) => port !== undefined)
  const any = ports.length < same.length
  const name = host.toLowerCase() as NonNullable<LoopbackRedirect['host']>
  return { host: name, path, ...(!any && { ports: ports.map(Number) }) }
}

/** The redirect URIs of such an address. */
export function redirectUris({
  host = '127.0.0.1',
  path = '/callback',
  ports = [],
}: LoopbackRedirect): readonly string[] {
  return ports.length === 0 ? [`http://${host}${path}`] : ports.map((port) => `http://${host}:${port}${path}`)
}
