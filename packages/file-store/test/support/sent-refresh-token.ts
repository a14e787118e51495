/** The refresh token in the form of a request, where it has one. */
export function sentRefreshToken(init: RequestInit | undefined): string | undefined {
  const body = init?.body
  const form = typeof body === 'string' ? new URLSearchParams(body) : body
  return (form instanceof URLSearchParams && form.get('refresh_token')) || undefined
}
