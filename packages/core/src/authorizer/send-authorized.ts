import type { Answer, Authorization } from './authorizer.ts'

/** How an adapter's client sends, for {@link sendAuthorized}. */
export interface Transport<R> {
  /** Sends the hop with these headers set over its own. */
  send(headers: Authorization['headers']): Promise<R>
  /** What the authorizer may see of an answer. */
  answer(response: R): Answer
  /** Gets rid of an answer that nobody will read. */
  discard(response: R): Promise<void>
}

/** A belt: authorizers count for themselves, and three reasons to send again are all there are. */
const mostSends = 4

/** Sends one hop, and sends it again as often as its authorization asks for it: at most four times in all. */
export async function sendAuthorized<R>(authorization: Authorization, transport: Transport<R>): Promise<R> {
  let current = authorization
  for (let sends = 1; ; sends++) {
    const response = await transport.send(current.headers)
    if (current.answered === undefined) return response
    const answer = transport.answer(response)
    const verdict = current.answered(answer)
    if (verdict === undefined) return response
    const next = await verdict.catch(async (error: unknown) => {
      await transport.discard(response)
      throw error
    })
    if (next === undefined || !answer.replayable || sends === mostSends) return response
    await transport.discard(response)
    current = next
  }
}
