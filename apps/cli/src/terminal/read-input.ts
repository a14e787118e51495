/** What is read of stdin. */
export interface ReadOptions {
  /** Up to the first newline, which is not given; otherwise up to the end. */
  readonly line: boolean
  /** Gives up after so long; default: waits. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

const newline = 0x0a
const most = 1_048_576

/**
 * Reads stdin; what stands behind a line is left for the next call. `undefined` when there is no line, in time or at
 * all, and for more than a mebibyte.
 *
 * @throws the reason of `signal`
 */
export function readInput({ line, timeoutMs, signal }: ReadOptions): Promise<string | undefined> {
  const { stdin } = process
  const chunks: Uint8Array[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const done = (answer: string | undefined): void => {
      release()
      resolve(answer)
    }
    const read = (): string => Buffer.concat(chunks).toString('utf8')
    const taken = (chunk: Buffer): void => {
      const end = line ? chunk.indexOf(newline) : -1
      chunks.push(end === -1 ? chunk : chunk.subarray(0, end))
      size += chunk.length
      if (end === -1) return size > most ? done(undefined) : undefined
      release()
      if (end + 1 < chunk.length) stdin.unshift(chunk.subarray(end + 1))
      resolve(read().replace(/\r$/, ''))
    }
    const ended = (): void => done(line && size === 0 ? undefined : read())
    const failed = (error: Error): void => {
      release()
      reject(error)
    }
    const aborted = (): void => failed(signal?.reason as Error)
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => done(undefined), timeoutMs)
    const release = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', aborted)
      stdin.removeListener('data', taken).removeListener('end', ended).removeListener('error', failed).pause()
    }
    if (stdin.readableEnded || stdin.destroyed) return done(line ? undefined : '')
    signal?.addEventListener('abort', aborted, { once: true })
    stdin.on('data', taken).on('end', ended).on('error', failed).resume()
  })
}
