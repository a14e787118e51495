import type { Token } from '@latchkey/core'

/**
 * What follows `Bearer ` (openEO API, security schemes).
 *
 * @param prefix `basic/` or `oidc/PROVIDER`
 */
export function headerForm(prefix: string, bareJwt: boolean): (token: Token) => string {
  return ({ accessToken }) => (bareJwt ? accessToken : `${prefix}/${accessToken}`)
}
