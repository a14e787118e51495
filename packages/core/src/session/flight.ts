import { aborted } from '../errors.ts'
import type { Token } from '../token/token.ts'
import type { LoginState } from './login-state.ts'

/** One exchange that is under way, and everybody who waits for it. */
export interface Flight {
  readonly owner: LoginState
  readonly token: Promise<Token>
  /** Ends what nobody waits for any more, where that harms nobody: a prompt, a wait for a lock. */
  readonly abandoned: AbortController
  waiting: number
}

/** Starts an exchange. */
export function flight(owner: LoginState, run: (abandoned: AbortSignal) => Promise<Token>): Flight {
  const abandoned = new AbortController()
  const token = run(abandoned.signal)
  // Everybody may have gone by the time it fails.
  token.catch(() => undefined)
  return { owner, token, abandoned, waiting: 0 }
}

/** Waits for a flight. The signal ends this wait alone; the last one to go abandons the flight. */
export async function join(joined: Flight, signal?: AbortSignal): Promise<Token> {
  joined.waiting += 1
  let stop: (() => void) | undefined
  try {
    if (signal === undefined) return await joined.token
    const abort = new Promise<never>((_, reject) => {
      stop = () => reject(aborted(signal))
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
    return await Promise.race([joined.token, abort])
  } finally {
    if (stop !== undefined) signal?.removeEventListener('abort', stop)
    joined.waiting -= 1
    if (joined.waiting === 0) joined.abandoned.abort()
  }
}
