const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

/** Bytes as base64url without padding (RFC 7515 section 2). */
export function base64url(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return base64urlOf(text)
}

/** The same of ASCII text. */
export function base64urlOf(ascii: string): string {
  return urlSafe(btoa(ascii))
}
