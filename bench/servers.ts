import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

interface Server {
  readonly origin: string
  stop(): void
}

/** The other side in a process of its own: its time and memory are not ours. */
export function server(): Promise<Server> {
  const child = fork(fileURLToPath(import.meta.resolve('./server.ts')))
  return new Promise((resolve) => {
    child.once('message', (origin: string) => resolve({ origin, stop: () => child.kill() }))
  })
}
