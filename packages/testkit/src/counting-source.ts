import { AuthError, aborted, freezeToken, type GetTokenOptions, type Token, type TokenSource } from '@latchkey/core'

/** A source whose every renewal is counted. */
export interface CountingSource extends TokenSource {
  /** The token it would give now. */
  readonly current: string
  readonly renewals: number
  /** Calls of `getToken`. */
  readonly asked: number
  /** Lets the token end without anybody having told. */
  expire(): void
}

/** How a counting source behaves. */
export interface CountingOptions {
  /** Milliseconds a renewal takes; default 10. */
  readonly delay?: number | undefined
  /** What renewals fail with; default they succeed. */
  readonly fails?: AuthError | undefined
}

const waitFor = <T>(shared: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(signal))
    const stop = (): void => {
      if (signal) reject(aborted(signal))
    }
    signal?.addEventListener('abort', stop, { once: true })
    shared.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop))
  })

/** Tokens `t1`, `t2`, … of a login that nobody can see: the smallest source that keeps the contract. */
export function countingSource(options: CountingOptions = {}): CountingSource {
  let count = 1
  let asked = 0
  let expired = false
  let flight: Promise<Token> | undefined
  let token = freezeToken<Token>({ accessToken: 't1', tokenType: 'Bearer' })

  const exchange = async (): Promise<Token> => {
    try {
      await new Promise((resolve) => setTimeout(resolve, options.delay ?? 10))
      if (options.fails !== undefined) throw options.fails
      expired = false
      token = freezeToken<Token>({ accessToken: `t${count + 1}`, tokenType: 'Bearer' })
      return token
    } finally {
      count++
      flight = undefined
    }
  }

  const getToken = async ({ signal, rejected }: GetTokenOptions = {}): Promise<Token> => {
    asked++
    if (signal?.aborted) throw aborted(signal)
    if (!expired && rejected?.accessToken !== token.accessToken) return token
    flight ??= exchange()
    return waitFor(flight, signal)
  }

  return {
    getToken,
    get current() {
      return token.accessToken
    },
    get renewals() {
      return count - 1
    },
    get asked() {
      return asked
    },
    expire: () => {
      expired = true
    },
  }
}
