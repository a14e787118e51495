/** How an API tells that a token is not good. */
export type Refusal = 'challenge' | 'bare' | 'openeo'

/** RFC 6750 section 3: without a token no error is named. */
function challenge(hadToken: boolean): string {
  const error = hadToken ? ', error="invalid_token", error_description="expired, revoked or unknown"' : ''
  return `Basic realm="legacy, do not use", Bearer realm="api"${error}`
}

/** The answer to a token that is missing or not good. */
export function refusalOf(
  kind: Refusal,
  hadToken: boolean,
): { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const headers = { 'content-type': 'application/json' }
  const code = hadToken ? 'TokenInvalid' : 'AuthenticationRequired'
  const body = JSON.stringify({ code, message: 'The token is not good.' })
  if (kind === 'openeo') return { status: hadToken ? 403 : 401, headers, body }
  if (kind === 'bare') return { status: 401, headers, body }
  return { status: 401, headers: { ...headers, 'www-authenticate': challenge(hadToken) }, body }
}
