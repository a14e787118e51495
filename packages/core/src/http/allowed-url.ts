/** Whom http is let through to. */
export type HttpTo = 'nobody' | 'loopback' | 'anybody'

/** What an https address names is https too: nobody elsewhere may send us to the programs of this machine. */
export const httpFor = (url: string, allowHttp: boolean): HttpTo =>
  allowHttp ? 'anybody' : new URL(url).protocol === 'http:' ? 'loopback' : 'nobody'

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Whether a URL may be talked to: https, or http where that is let through; never with a password in it. */
export function isAllowedUrl(url: string, http: HttpTo): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  return (
    protocol === 'https:' ||
    (protocol === 'http:' && (http === 'anybody' || (http === 'loopback' && loopback.test(hostname))))
  )
}
