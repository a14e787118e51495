import { spawn as systemSpawn } from 'node:child_process'
import { type BrowserPlace, browserCommands, type Command } from './browser-commands.ts'

/** What is needed of `spawn` of `node:child_process`. */
export type Spawn = (
  program: string,
  args: readonly string[],
  options: { readonly detached: true; readonly stdio: 'ignore'; readonly shell: false; readonly windowsHide: true },
) => SpawnedProgram

/** What is needed of a child process. */
export interface SpawnedProgram {
  once(event: 'error' | 'exit', listener: (what: unknown) => void): unknown
  unref(): void
}

/** How a browser is opened. */
export interface OpenBrowserOptions extends Partial<BrowserPlace> {
  /** Default: that of `node:child_process`. */
  readonly spawn?: Spawn | undefined
  /** Ends the search for a browser that works, and the wait for the one that was started. */
  readonly signal?: AbortSignal | undefined
}

/** A program that still runs after this time has a window open. */
const settledMs = 3_000

/**
 * Opens an address in a browser: `browser`, else each of `$BROWSER`, else what the machine has (`xdg-open`, `open`,
 * `rundll32`; `wslview` in WSL). Only http and https, never through a shell, detached, with no part in our terminal. A
 * program that is absent or fails is followed by the next.
 *
 * @returns whether one of them took it. Never rejects: whoever opens a browser has printed the address before.
 */
export async function openBrowser(url: string, options: OpenBrowserOptions = {}): Promise<boolean> {
  const { browser, env = process.env, platform = process.platform, spawn = systemSpawn, signal } = options
  const address = openable(url)
  if (address === undefined) return false
  for (const command of browserCommands(address, { browser, env, platform })) {
    if (signal?.aborted) return false
    if (await started(command, spawn, signal)) return true
  }
  return false
}

/** As WHATWG spells it: no blanks, no quotes, no control characters, and never like an option. */
function openable(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, username, password, href } = new URL(url)
  return /^https?:$/.test(protocol) && username === '' && password === '' ? href.replaceAll("'", '%27') : undefined
}

function started([program, ...args]: Command, spawn: Spawn, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    // Keeps the process: whoever opens a page and nothing else waits for this.
    const timer = setTimeout(() => end(true), settledMs)
    const stop = (): void => end(false)
    const end = (opened: boolean): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      resolve(opened)
    }
    signal?.addEventListener('abort', stop, { once: true })
    try {
      const child = spawn(program, args, { detached: true, stdio: 'ignore', shell: false, windowsHide: true })
      child.once('error', () => end(false))
      child.once('exit', (code) => end(code === 0))
      child.unref()
    } catch {
      end(false)
    }
  })
}
