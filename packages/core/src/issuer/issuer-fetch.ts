import { type HttpAccess, type RawAnswer, request } from '../http/request.ts'

export { type HttpTo, httpFor, isAllowedUrl } from '../http/allowed-url.ts'
export type { Fetch, RawAnswer } from '../http/request.ts'

/** The default total deadline of one request to an issuer, headers and body. */
export const requestTimeoutMs = 30_000

/** How an issuer may be reached. */
export type IssuerAccess = Pick<HttpAccess, 'fetch' | 'clock' | 'http' | 'timeoutMs'>

/**
 * One request to an issuer, within the bounds of {@link request}: 1 MiB of body at the most.
 *
 * @throws what {@link request} throws
 */
export async function issuerFetch(access: IssuerAccess, url: string, init: RequestInit): Promise<RawAnswer> {
  return request({ ...access, server: 'issuer' }, url, init)
}
