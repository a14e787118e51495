import { AuthError } from '@latchkey/core'
import { jsonObject, type RawAnswer, showable, textOf } from '@latchkey/core/http'

/** What a back-end said when it refused, as the Python client prints it: `[403] CredentialsInvalid: … (ref: id)`. */
export function refusalText({ status, text, secrets }: RawAnswer): string {
  const body = jsonObject(text)
  const [code, message, id] = ['code', 'message', 'id'].map((name) => textOf(body, name))
  if (code === undefined && message === undefined) return `[${status}]`
  const said = [code, message].filter((part) => part !== undefined).join(': ')
  return showable(`[${status}] ${said}${id === undefined ? '' : ` (ref: ${id})`}`, secrets)
}

/**
 * An answer that is not the document that was asked for: `SERVER_ERROR` for 5xx and 429, else `RESPONSE_INVALID`.
 *
 * @param what the document, for the sentence
 */
export function apiError(answer: RawAnswer, what: string): AuthError {
  const { status, url } = answer
  const how = status === 200 ? 'the answer is no JSON object' : refusalText(answer)
  if (status >= 500 || status === 429) {
    return new AuthError('SERVER_ERROR', `${what} could not be had at ${url}: ${how}. Try again later.`)
  }
  const advice = 'Check that it is the address of an openEO back-end.'
  return new AuthError('RESPONSE_INVALID', `${what} could not be had at ${url}: ${how}. ${advice}`)
}
