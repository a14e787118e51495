import { memoryStore, session } from '@latchkey/core'
import type { Provider } from '@latchkey/testkit'
import { expect, onTestFinished } from 'vitest'
import { type InteractiveLoginOptions, interactiveLogin } from '../../src/index.ts'
import { type FakeOptions, type FakeTerminal, fakeTerminal } from './fake-terminal.ts'

/** A login that waits for its person. */
export interface BegunLogin {
  readonly terminal: FakeTerminal
  /** The address that was printed. */
  readonly address: string
  readonly redirectUri: string
  /** Who is logged in. */
  readonly person: () => string | undefined
  /** `done`, or the error. */
  readonly ended: Promise<unknown>
  readonly abort: () => void
}

/** Begins a login by code at a provider, up to the address that a person reads. */
export async function begun(
  at: Provider,
  options: InteractiveLoginOptions = {},
  how: FakeOptions = { opens: true },
  clientId = 'browser',
): Promise<BegunLogin> {
  const terminal = fakeTerminal(how)
  const login = session({
    issuer: at.issuer,
    clientId,
    scope: 'openid offline_access profile',
    store: memoryStore(),
    login: interactiveLogin({ ...options, terminal }),
  })
  const controller = new AbortController()
  let token = ''
  const ended = login.getToken({ signal: controller.signal }).then(
    ({ accessToken }) => {
      token = accessToken
      return 'done'
    },
    (error: unknown) => error,
  )
  onTestFinished(async () => {
    controller.abort()
    await ended
  })
  await expect.poll(terminal.written).toMatch(/\n\nhttps?:\S+\n\n/)
  const address = /\n\n(https?:\S+)\n\n/.exec(terminal.written())?.[1] ?? ''
  const redirectUri = new URL(address).searchParams.get('redirect_uri') ?? ''
  const person = (): string | undefined => at.verify(token)?.login
  return { terminal, address, redirectUri, person, ended, abort: () => controller.abort() }
}
