import { AuthError } from '@latchkey/core'
import type { ApiAnswer } from './api-fetch.ts'
import { jsonObject, textOf } from './json.ts'
import { shown } from './shown.ts'

/**
 * What a back-end said when it refused, as the Python client prints it: `[403] CredentialsInvalid: … (ref: id)`.
 *
 * @param secrets what was sent, and is cut out where it comes back
 */
export function refusalText({ status, text }: ApiAnswer, secrets: readonly string[] = []): string {
  const body = jsonObject(text)
  const [code, message, id] = ['code', 'message', 'id'].map((name) => textOf(body, name))
  if (code === undefined && message === undefined) return `[${status}]`
  const said = [code, message].filter((part) => part !== undefined).join(': ')
  const whole = `[${status}] ${said}${id === undefined ? '' : ` (ref: ${id})`}`
  const sent = secrets.filter((secret) => secret !== '')
  return shown(sent.reduce((rest, secret) => rest.replaceAll(secret, '<redacted>'), whole))
}

/**
 * An answer that is not the document that was asked for: `SERVER_ERROR` for 5xx and 429, else `RESPONSE_INVALID`.
 *
 * @param what the document, for the sentence
 */
export function apiError(answer: ApiAnswer, what: string, secrets?: readonly string[]): AuthError {
  const { status, url } = answer
  const how = status === 200 ? 'the answer is no JSON object' : refusalText(answer, secrets)
  if (status >= 500 || status === 429) {
    return new AuthError('SERVER_ERROR', `${what} could not be had at ${url.href}: ${how}. Try again later.`)
  }
  const advice = 'Check that it is the address of an openEO back-end.'
  return new AuthError('RESPONSE_INVALID', `${what} could not be had at ${url.href}: ${how}. ${advice}`)
}
