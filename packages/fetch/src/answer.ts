import type { Answer, OutgoingRequest } from '@latchkey/core'

/** The most that is looked at of a refusal, and read to its end so that its connection can be used again. */
const most = 64 * 1024

/** ms that the rest of a refused answer may take; then its connection is given up. */
const patience = 100

/** The first 64 KiB of a body that stays whole for whoever reads the response afterwards. */
async function peek(response: Response): Promise<string> {
  const reader = response.clone().body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  for (let left = most; left > 0; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value.subarray(0, left), { stream: true })
    left -= value.byteLength
  }
  // Not awaited: it ends when the other half of the clone does.
  reader.cancel().catch(() => {})
  return text
}

/** What an authorizer may see of a response. */
export function answerOf(
  response: Response,
  hop: { readonly request: OutgoingRequest; readonly replayable: boolean },
): Answer {
  let text: Promise<string> | undefined
  return {
    status: response.status,
    request: hop.request,
    replayable: hop.replayable,
    signal: hop.request.signal,
    header: (name) => response.headers.get(name),
    text: () => (text ??= hop.request.method === 'HEAD' ? Promise.resolve('') : peek(response)),
  }
}

/** Gets rid of a response: read to its end where that is near, so that its connection is used again; else cut off. */
export async function discard(response: Response): Promise<void> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  const stop = (): void => void reader.cancel().catch(() => {})
  const timer = setTimeout(stop, patience)
  try {
    for (let seen = 0; seen <= most; ) {
      const { done, value } = await reader.read()
      if (done) return
      seen += value.byteLength
    }
    stop()
  } catch {
    // The connection broke, or the caller aborted: what is sent next will tell.
  } finally {
    clearTimeout(timer)
  }
}
