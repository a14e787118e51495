import type { Answer, Authorization, Authorizer } from '@latchkey/core'

/** An answer as an adapter gives it. */
export function answer(
  status: number,
  options: { challenge?: string; text?: string; signal?: AbortSignal } = {},
): Answer {
  return {
    status,
    replayable: true,
    signal: options.signal,
    header: (name) => (name === 'www-authenticate' ? (options.challenge ?? null) : null),
    text: async () => options.text ?? '',
  }
}

/** What an authorizer gives for its API. */
export async function authorization(authorizer: Authorizer): Promise<Authorization> {
  const given = await authorizer({ method: 'GET', url: new URL('https://api.example.org/x') })
  if (given === undefined) throw new Error('The authorizer does not serve the API.')
  return given
}

/** Calls an API that answers each token as `statusOf` says; the statuses the API gave, in order. */
export async function callApi(
  authorizer: Authorizer,
  statusOf: (header: string) => number,
): Promise<readonly number[]> {
  const statuses: number[] = []
  let next: Authorization | undefined = await authorization(authorizer)
  while (next !== undefined) {
    const status = statusOf(next.headers['authorization'] ?? '')
    statuses.push(status)
    next = await next.answered?.(answer(status))
  }
  return statuses
}
