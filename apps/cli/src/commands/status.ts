import { isFresh, type Login, type LoginKey, type StoredToken, systemClock } from '@latchkey/core'
import type { Command, Context } from '../command.ts'
import { durationText } from '../duration.ts'
import { exitCode } from '../exit-code.ts'
import { json, loginFlags } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { loginOptions } from '../login-words.ts'
import { quoted } from '../quoted.ts'
import { allLogins, storedLogin, type Wanted } from '../stored-login.ts'
import { terminalText } from '../terminal-text.ts'
import { wantedAt } from '../wanted.ts'

/** How a login is, as far as the files say. */
export interface LoginStatus {
  readonly key: LoginKey
  /** `fresh`: an access token is good now; `renewable`: the next use brings one; `login_required`: a person has to log in. */
  readonly state: 'fresh' | 'renewable' | 'login_required'
  readonly login: Login
}

/** The login's own token; where no person ever logged in, the latest one of a machine, which its service renews. */
function ownToken({ tokens, refreshToken }: Login): StoredToken | undefined {
  if (tokens[''] !== undefined || refreshToken !== undefined) return tokens['']
  return Object.values(tokens).toSorted((one, other) => other.order - one.order)[0]
}

/** A login's status; pure. */
export function statusOf(key: LoginKey, login: Login, now: number): LoginStatus {
  const own = ownToken(login)
  if (own !== undefined && isFresh(own, { ...systemClock, now: () => now })) return { key, state: 'fresh', login }
  const machines = login.refreshToken === undefined && login.tokens[''] === undefined && own !== undefined
  const renewable = machines || (login.refreshToken !== undefined && login.refused === undefined)
  return { key, state: renewable ? 'renewable' : 'login_required', login }
}

function tokenWords({ state, login }: LoginStatus, now: number): string {
  const own = ownToken(login)
  if (own === undefined) return state === 'renewable' ? 'none yet; the next use gets one' : 'none'
  if (state !== 'fresh') return `expired${state === 'renewable' ? '; the next use renews it' : ''}`
  return own.expiresAt === undefined ? 'good until it is refused' : `expires in ${durationText(own.expiresAt - now)}`
}

/** A login in lines for a person. */
export function statusText(status: LoginStatus, now: number): string {
  const { key, login } = status
  const { refused, failed } = login
  const ago = (at: number): string => `${durationText(now - at)} ago`
  const rows: [string, string | undefined][] = [
    ['client', key.clientId],
    ['account', key.account],
    ['scope', login.scope],
    ['access token', tokenWords(status, now)],
    [
      'refused',
      refused &&
        `by the issuer ${ago(refused.at)} (${refused.code}${refused.times > 1 ? `, ${refused.times} times` : ''})`,
    ],
    ['failed', failed && `${failed.code} ${ago(failed.at)}`],
    [
      'log in with',
      status.state === 'login_required' ? `auth login ${quoted(key.issuer)} ${loginOptions(key)}` : undefined,
    ],
  ]
  const lines = rows.map(([name, text]) => (text === undefined ? '' : `  ${name.padEnd(12)}  ${terminalText(text)}\n`))
  return `${terminalText(key.issuer)}\n${lines.join('')}`
}

/** A login for programs. */
export function statusJson({ key, state, login }: LoginStatus, now: number): object {
  const own = ownToken(login)
  const instant = (at: number): string => new Date(at).toISOString()
  const expiry =
    own?.expiresAt === undefined
      ? {}
      : { expires_at: instant(own.expiresAt), expires_in: Math.floor((own.expiresAt - now) / 1000) }
  return {
    issuer: key.issuer,
    client_id: key.clientId,
    account: key.account ?? null,
    state,
    scope: login.scope ?? null,
    access_token: own === undefined ? null : { token_type: own.tokenType, ...expiry },
    refresh_token: login.refreshToken !== undefined,
    refused: login.refused
      ? { at: instant(login.refused.at), code: login.refused.code, times: login.refused.times }
      : null,
    failed: login.failed ? { at: instant(login.failed.at), code: login.failed.code } : null,
  }
}

async function keysFor(
  wanted: Wanted,
  context: Context,
): Promise<{ readonly keys: readonly LoginKey[]; readonly named: boolean }> {
  const named = wanted.target !== undefined || wanted.clientId !== undefined || wanted.account !== undefined
  if (named) return { keys: [await storedLogin(wanted, context.store(), 'auth status')], named }
  return { keys: await allLogins(context.store()), named }
}

async function statuses(keys: readonly LoginKey[], context: Context, now: number): Promise<readonly LoginStatus[]> {
  const found: LoginStatus[] = []
  for (const key of keys) {
    const login = await context.store().get(key)
    if (login !== undefined) found.push(statusOf(key, login, now))
  }
  return found
}

/** A back-end that is used with a user and password: every use gets a token. */
function basicStatus(backend: string, username: string, asJson: boolean): string {
  if (asJson) return jsonText([{ backend, username, state: 'renewable' }])
  const rows = `  ${'user'.padEnd(12)}  ${terminalText(username)}\n  access token  each use gets one for the user and password\n`
  return `${terminalText(backend)}\n${rows}`
}

export const status: Command = {
  usage: '[ISSUER|NAME|BACKEND]',
  operands: ['ISSUER'],
  flags: { ...loginFlags, json },
  about: `Shows each login, or the one named: its client, and how its access token is. Asks nobody.
Exit code 3 when a login was named and a person has to log in.`,
  run: async (args, context) => {
    const now = systemClock.now()
    const asJson = args.switches.get('json') === true
    const wanted = await wantedAt(args, context)
    if (wanted.backend?.method === 'basic') {
      context.io.out(basicStatus(args.operands[0] ?? '', wanted.backend.username, asJson))
      return exitCode.done
    }
    const { keys, named } = await keysFor(wanted, context)
    const found = await statuses(keys, context, now)
    if (asJson) context.io.out(jsonText(found.map((one) => statusJson(one, now))))
    else if (found.length > 0) context.io.out(found.map((one) => statusText(one, now)).join('\n'))
    else context.io.err('There is no login. Log in with: auth login NAME (auth login lists the names)\n')
    return named && found[0]?.state !== 'fresh' && found[0]?.state !== 'renewable'
      ? exitCode.loginRequired
      : exitCode.done
  },
}
