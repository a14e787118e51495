import axios, { AxiosError, type InternalAxiosRequestConfig } from 'axios'

/** What ends a call while it waits for a token: its signal, its cancel token, its timeout. */
export interface Limits {
  readonly signal: AbortSignal | undefined
  /** What is left of `timeout`, in ms, for the next hop; 0: there is none. Throws when nothing is left. */
  remaining(): number
  end(): void
}

/** axios' own words for a `timeout`. */
export function timeoutMessage({ timeout, timeoutErrorMessage }: InternalAxiosRequestConfig): string {
  return timeoutErrorMessage || `timeout of ${timeout}ms exceeded`
}

function timeoutError(config: InternalAxiosRequestConfig): AxiosError {
  const code = config.transitional?.clarifyTimeoutError === true ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED
  return new AxiosError(timeoutMessage(config), code, config)
}

/** Nothing is made, and no timer started, for a call with no more than a signal. */
export function limitsOf(config: InternalAxiosRequestConfig): Limits {
  const { cancelToken } = config
  const signal = config.signal as AbortSignal | undefined
  const timeout = Number(config.timeout)
  if (!(timeout > 0) && cancelToken === undefined) return { signal, remaining: () => 0, end: () => {} }
  const controller = new AbortController()
  const started = performance.now()
  const stop = (reason: unknown): void => controller.abort(reason)
  const timer = timeout > 0 ? setTimeout(() => stop(timeoutError(config)), timeout) : undefined
  cancelToken?.subscribe(stop)
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop(signal.reason)
  return {
    signal: controller.signal,
    remaining: () => {
      if (!(timeout > 0)) return 0
      const left = Math.round(timeout - (performance.now() - started))
      if (left > 0) return left
      throw timeoutError(config)
    },
    end: () => {
      clearTimeout(timer)
      cancelToken?.unsubscribe(stop)
      signal?.removeEventListener('abort', stop)
    },
  }
}

/** The failure as axios reports it, where a limit ended the wait for a token. */
export function limitError(error: unknown): unknown {
  const cause = error instanceof Error ? error.cause : undefined
  return axios.isAxiosError(cause) ? cause : error
}
