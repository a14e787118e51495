import { EventEmitter } from 'node:events'
import type { Spawn } from '@latchkey/login'
import type { Provider } from '@latchkey/testkit'
import type { FakeIo, FakeIoOptions } from './fake-io.ts'

/** A browser that a login starts: signs in at the provider, and brings the answer back to the terminal's program. */
export function browserAt(
  provider: Provider,
  options: { readonly deny?: boolean } = {},
): FakeIoOptions['loginTerminal'] & {
  readonly opened: string[]
} {
  const opened: string[] = []
  const visited = async (address: string): Promise<void> => {
    const { url } = await provider.signIn(address, options)
    const answer = await fetch(url, { redirect: 'manual' })
    await fetch(new URL(answer.headers.get('location') ?? '', url))
  }
  const spawn: Spawn = (_program, args) => {
    const address = args.at(-1) ?? ''
    opened.push(address)
    const child = Object.assign(new EventEmitter(), { unref: () => undefined })
    setImmediate(() => child.emit('exit', 0))
    // What goes wrong there the login itself shows: it never ends.
    if (new URL(address).pathname.endsWith('/auth')) void visited(address).catch(() => undefined)
    return child
  }
  return { spawn, opened }
}

/** Answers a login by device once its code stands on stderr. */
export function deviceAt(provider: Provider, options: { readonly deny?: boolean } = {}): (io: FakeIo) => void {
  return (io) => {
    const timer = setInterval(() => {
      const [, code] = /^ {4}([A-Z]{4}-[A-Z]{4})$/m.exec(io.stderr()) ?? []
      if (code === undefined) return
      clearInterval(timer)
      void provider.approve(code, options)
    }, 20)
    timer.unref()
  }
}
