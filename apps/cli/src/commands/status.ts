import { type LoginKey, systemClock } from '@latchkey/core'
import { issuerTable } from '@latchkey/login/issuers'
import type { Command, Context } from '../command.ts'
import { exitCode, exitCodeOf } from '../exit-code.ts'
import { json, loginFlags } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { check } from '../status/check.ts'
import { loginAgain, statusText } from '../status/details.ts'
import { type LoginStatus, statusOf } from '../status/login-status.ts'
import { statusJson } from '../status/status-json.ts'
import { statusTable } from '../status/table.ts'
import { allLogins, storedLogin, type Wanted } from '../stored-login.ts'
import { styleOf } from '../terminal/style.ts'
import { terminalText } from '../terminal-text.ts'
import { wantedAt } from '../wanted.ts'

/** More than this are not named one by one. */
const mostNamed = 3

interface Found {
  readonly statuses: readonly LoginStatus[]
  /** Whether one login was asked for, and not all. */
  readonly named: boolean
}

async function statusAt(
  key: LoginKey,
  asks: boolean,
  wanted: Wanted,
  context: Context,
): Promise<LoginStatus | undefined> {
  const store = context.store()
  const before = await store.get(key)
  if (before === undefined || !asks) return before && statusOf(key, before, systemClock.now())
  const checked = await check(key, before, wanted, context)
  // The check may have renewed it.
  const login = (await store.get(key)) ?? before
  return { ...statusOf(key, login, systemClock.now()), checked }
}

async function found(wanted: Wanted, asks: boolean, context: Context): Promise<Found> {
  const named = wanted.target !== undefined || wanted.clientId !== undefined || wanted.account !== undefined
  const store = context.store()
  const keys = named ? [await storedLogin(wanted, store, 'auth status')] : await allLogins(store)
  const all = await Promise.all(keys.map((key) => statusAt(key, asks, wanted, context)))
  return { statuses: all.filter((one) => one !== undefined), named }
}

/** A back-end that is used with a user and password: every use gets a token. */
function basicStatus(backend: string, username: string, asJson: boolean): string {
  if (asJson) return jsonText([{ backend, username, state: 'renewable' }])
  const rows = `  ${'user'.padEnd(13)}  ${terminalText(username)}\n  access token   each use gets one for the user and password\n`
  return `${terminalText(backend)}\n${rows}`
}

async function show({ statuses, named }: Found, asJson: boolean, { io }: Context): Promise<void> {
  const now = systemClock.now()
  if (asJson) return io.out(jsonText(statuses.map((one) => statusJson(one, now))))
  if (named) return io.out(statuses.map((one) => statusText(one, now)).join('\n'))
  if (statuses.length === 0) return io.err('There is no login. Log in with: auth login\n')
  io.out(statusTable(statuses, now, await styleOf(1, io), issuerTable({ env: io.env })))
  const ended = statuses.filter(({ state, checked }) => state === 'login_required' || checked?.result === 'refused')
  const commands = ended.slice(0, mostNamed).map((one) => `  ${terminalText(loginAgain(one))}\n`)
  if (commands.length > 0) io.err(`\nTo log in again:\n${commands.join('')}`)
}

function codeOf({ statuses, named }: Found): number {
  const checks = statuses.map(({ checked }) => checked).filter((one) => one !== undefined)
  if (checks.some(({ result }) => result === 'refused')) return exitCode.loginRequired
  if (named && statuses.every(({ state }) => state === 'login_required')) return exitCode.loginRequired
  const unreached = checks.some(({ reason }) => reason !== undefined && exitCodeOf(reason) === exitCode.tryAgain)
  return unreached ? exitCode.tryAgain : exitCode.done
}

export const status: Command = {
  usage: '[NAME|ISSUER|BACKEND]',
  operands: ['ISSUER'],
  flags: { ...loginFlags, check: { help: 'Ask the issuers too. Renews only what the next use would renew.' }, json },
  about: `Shows all logins in a table, or all of the one named: client, access token, refresh token, last failure. Asks nobody
but with --check. Exit code 3 when a login was named or checked and a person has to log in.`,
  examples: `  auth status
  auth status cdse --check`,
  run: async (args, context) => {
    const { io } = context
    const asJson = args.switches.get('json') === true
    const wanted = await wantedAt(args, context)
    if (wanted.backend?.method === 'basic') {
      io.out(basicStatus(args.operands[0] ?? '', wanted.backend.username, asJson))
      return exitCode.done
    }
    const all = await found(wanted, args.switches.get('check') === true, context)
    await show(all, asJson, context)
    return codeOf(all)
  },
}
