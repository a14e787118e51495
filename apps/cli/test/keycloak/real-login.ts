import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type KeycloakRealm, keycloakRealm } from '@latchkey/testkit'
import { describe, expect, inject } from 'vitest'
import { bundle } from '../support/bundle.ts'
import type { Home } from '../support/home.ts'
import { script } from '../support/program.ts'
import { absent as noTerminal, type Terminal, terminal } from '../support/terminal.ts'
import { type Browsing, browsing, absent as noBrowser } from './browsing.ts'

const place = inject('keycloak')

/** Tests of a person with a terminal, a browser and a Keycloak; skipped where one of them is absent. */
export function atKeycloak(name: string, tests: (realm: KeycloakRealm, browser: Browsing) => void): void {
  const absent = place === undefined || noBrowser || noTerminal
  // A browser, a terminal and a Java program share the machine with all the other tests.
  describe.skipIf(absent)(`${name} (peers: Keycloak, Chromium, tmux)`, { timeout: 120_000 }, () => {
    // Where it is skipped the tests are only collected.
    if (absent) tests({} as KeycloakRealm, { page: () => Promise.reject(new Error('A peer is absent.')) })
    else tests(keycloakRealm(place), browsing())
  })
}

/** Somebody who has typed `auth login` at a terminal. */
export interface LoggingIn extends Terminal {
  /** The address that the program gave to its browser. */
  readonly address: () => Promise<string>
  /** Resolves once the program has ended so; the screen as it then is. */
  readonly ended: (code: number) => Promise<string>
  /** Whether the terminal is as it was before. */
  readonly restored: () => boolean
}

/** Longer than anything takes that is waited for here. */
export const patience = { timeout: 30_000 }

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '')

/** A browser that hands each address it is given over to the test. */
export interface HandingOver {
  /** The program, for `--browser` and `$BROWSER`. */
  readonly program: string
  /** Resolves with the address it was given. */
  readonly address: () => Promise<string>
}

let handed = 0

/** A browser for one use. */
export function handingOver({ path }: Home): HandingOver {
  handed += 1
  const program = join(path, `browser-${handed}`)
  const file = `${program}.address`
  // Renamed into place: half an address is none.
  script(program, `printf %s "$1" > '${file}.new' && mv '${file}.new' '${file}'`)
  const address = async (): Promise<string> => {
    await expect.poll(() => read(file), patience).not.toBe('')
    return read(file)
  }
  return { program, address }
}

/** Types `auth login` with these words. */
export async function loggingIn(own: Home, ...words: readonly string[]): Promise<LoggingIn> {
  const { program: browser, address } = handingOver(own)
  const [before, after] = [`${browser}.before`, `${browser}.after`]
  const program = [process.execPath, await bundle(), 'login', ...words, '--browser', browser]
  const line = program.map((word) => `'${word}'`).join(' ')
  const command = `trap : INT; stty -a > '${before}'; ${line}; echo "ended with $?"; stty -a > '${after}'; exec cat`
  // The run's own machine may be continuous integration, where nobody is asked to log in.
  const env = { ...own.env, CI: '', CONTINUOUS_INTEGRATION: '', JENKINS_URL: '', TF_BUILD: '' }
  const opened = terminal(`latchkey-${own.path.slice(-6)}-${handed}`, ['sh', '-c', command], env)
  return {
    ...opened,
    address,
    ended: async (code) => {
      await expect.poll(opened.screen, patience).toContain(`ended with ${code}`)
      return opened.screen()
    },
    restored: () => read(after) !== '' && read(after) === read(before),
  }
}

/** What the issuer says to whoever shows it this access token. */
export async function userinfo(
  { issuer }: KeycloakRealm,
  accessToken: string,
): Promise<[status: number, body: unknown]> {
  const answer = await fetch(`${issuer}/protocol/openid-connect/userinfo`, {
    headers: { authorization: `Bearer ${accessToken}` },
  })
  const text = await answer.text()
  return [answer.status, text.startsWith('{') ? JSON.parse(text) : text]
}

/** The refresh token in the file that the openEO client shares. */
export function storedRefreshToken({ tokens }: Home, { issuer }: KeycloakRealm, clientId: string): string {
  const all = JSON.parse(read(tokens)) as Record<string, Record<string, { refresh_token: string }>>
  return all[issuer]?.[clientId]?.refresh_token ?? ''
}

/** What the issuer says to a program that was given this refresh token. */
export async function refreshed({ issuer }: KeycloakRealm, clientId: string, refreshToken: string): Promise<unknown> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken })
  return (await fetch(`${issuer}/protocol/openid-connect/token`, { method: 'POST', body })).json()
}

/** The claims of a JWT, unverified. */
export function claimsOf(jwt: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}
