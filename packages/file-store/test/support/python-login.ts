import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A refresh token that was sent, and the status of the answer. */
export type Sent = readonly [token: string, status: number]

/** What a line of the Python program may say. */
export interface Said {
  readonly how?: 'refresh' | 'device'
  readonly user?: string
  readonly sent?: readonly Sent[]
  readonly errors?: Readonly<Record<string, number>>
  /** A device login waits for its code to be approved. */
  readonly code?: string
  /** The file is empty right now. */
  readonly empty?: true
}

/** A process of the openEO Python client that logs in when told to. */
export interface PythonLogin {
  /** Tells it something, and gives its answer. */
  ask(command: string): Promise<Said>
  /** Its next line, of its own accord. */
  heard(): Promise<Said>
  close(): Promise<void>
  readonly kill: () => void
}

/** Starts one on the files in `path`, for the back-end at `url`. */
export function pythonLogin(python: string, path: string, url: string): PythonLogin {
  const script = new URL('../programs/python-login.py', import.meta.url).pathname
  const child = spawn(python, [script, url], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: path, OPENEO_CONFIG_HOME: path },
  })
  let failed = ''
  child.stderr.on('data', (data) => (failed += String(data)))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  const heard = async (): Promise<Said> => {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(failed)
    return JSON.parse(value) as Said
  }
  return {
    ask: (command) => {
      child.stdin.write(`${command}\n`)
      return heard()
    },
    heard,
    close: async () => {
      child.stdin.end()
      await ended
    },
    kill: () => child.kill('SIGKILL'),
  }
}
