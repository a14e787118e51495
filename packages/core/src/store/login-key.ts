/** Which login: one issuer, one client, and (rarely) one of several accounts. */
export interface LoginKey {
  readonly issuer: string
  readonly clientId: string
  /** Absent: the default login, the one other tools share. */
  readonly account?: string
}

/** An issuer as stores key it: without trailing slashes (`/` if nothing is left), as the openEO Python client does. */
export function normalizeIssuer(issuer: string): string {
  return issuer.replace(/(?<!\/)\/+$/, '') || '/'
}

/** The same key with its issuer normalised; two keys are the same login when {@link keyText} of them is equal. */
export function loginKey(key: LoginKey): LoginKey {
  const issuer = normalizeIssuer(key.issuer)
  return key.account === undefined
    ? { issuer, clientId: key.clientId }
    : { issuer, clientId: key.clientId, account: key.account }
}

/** One text for each key: for maps and file names. */
export function keyText(key: LoginKey): string {
  const parts = [normalizeIssuer(key.issuer), key.clientId]
  if (key.account !== undefined) parts.push(key.account)
  return JSON.stringify(parts)
}
