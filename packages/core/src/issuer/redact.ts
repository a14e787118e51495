// Every form or header field that carries something of ours which must not come back in a message.
const secretFields = [
  'refresh_token',
  'client_secret',
  'client_assertion',
  'device_code',
  'code',
  'code_verifier',
  'password',
  'assertion',
  'subject_token',
  'actor_token',
  'access_token',
  'token',
]

const longestText = 300

// C0, DEL, C1, the bidirectional controls and line separators: a terminal acts on them.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g

// Three base64url parts: a JWT of any kind, also one the server made up from what we sent.
const jwt = /\beyJ[\w-]{6,}\.[\w-]*\.?[\w-]*/g

/** The secrets of one request: what must be cut out of whatever comes back. */
export function secretsOf(body: unknown, authorization: string | null): readonly string[] {
  const found = authorization === null ? [] : [authorization, authorization.replace(/^\S+ /, '')]
  if (body instanceof URLSearchParams) found.push(...secretFields.flatMap((field) => body.getAll(field)))
  return found.filter((secret) => secret.length > 3)
}

/** Server text that may be shown: without the secrets we sent, without tokens, control characters escaped, cut at 300 characters. */
export function showable(text: string, secrets: readonly string[] = []): string {
  let shown = text
  for (const secret of secrets) {
    shown = shown.replaceAll(secret, '<redacted>').replaceAll(encodeURIComponent(secret), '<redacted>')
  }
  shown = shown
    .replace(jwt, '<redacted>')
    .replace(unprintable, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return shown.length > longestText ? `${shown.slice(0, longestText)}…` : shown
}
