import { AuthError } from '../errors.ts'

const visible = /^[\x20-\x7e]+$/

/**
 * The value of an `Authorization` header, if it can be one: HTTP clients repeat a bad value in their error.
 *
 * @throws `RESPONSE_INVALID`
 */
export function headerValue(text: string): string {
  if (visible.test(text)) return text
  throw new AuthError('RESPONSE_INVALID', 'The access token holds characters that no header can carry.')
}
