import { AuthError, type LoginKey } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import type { Command, Context } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { json, loginFlags, secretFile } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { registrations } from '../login/registrations.ts'
import { endSessions } from '../logout/end-sessions.ts'
import { type Ended, isKept, loggedOut, logoutText } from '../logout/logged-out.ts'
import { unregister } from '../logout/unregister.ts'
import { quoted } from '../quoted.ts'
import { allLogins, fits, storedLogin, type Wanted } from '../stored-login.ts'
import { UsageError } from '../usage-error.ts'
import { wantedAt } from '../wanted.ts'

function noLogin(backend: string): AuthError {
  const remove = `auth config-remove ${quoted(backend)} --basic`
  return new AuthError(
    'UNSUPPORTED',
    `${backend} is used with a user and password: there is no login to end. Remove them with: ${remove}`,
  )
}

/** A client that was registered may have no login any more: then there is only the client to end. */
async function keysFor(args: Arguments, wanted: Wanted, context: Context): Promise<readonly LoginKey[]> {
  const store = context.store()
  if (args.switches.get('all') || args.switches.get('unregister')) {
    return (await allLogins(store)).filter((key) => fits(key, wanted))
  }
  return [await storedLogin(wanted, store, 'auth logout')]
}

/** Whose client is to be unregistered: the logins of others there stay. */
async function withRegistered(wanted: Wanted, { io }: Context): Promise<Wanted> {
  const { target, clientId } = wanted
  if (target === undefined) throw new UsageError('Which issuer? --unregister ends the client registered at one.')
  const own = await registrations({ env: io.env }).get(target.issuer)
  if (own === undefined) throw new UsageError(`No client was registered at ${target.issuer} from here.`)
  if (clientId !== undefined && clientId !== own.clientId) {
    throw new UsageError(`The client registered at ${target.issuer} from here is ${own.clientId}, not ${clientId}.`)
  }
  return { ...wanted, clientId: own.clientId }
}

function endedJson({ key, result }: Ended): object {
  const { removed, confirmed, reason } = result
  const code = reason === undefined ? {} : { reason: reason.code }
  const account = key.account === undefined ? {} : { account: key.account }
  return { issuer: key.issuer, client_id: key.clientId, ...account, removed, confirmed, ...code }
}

async function told(all: readonly Ended[], args: Arguments, context: Context): Promise<void> {
  const { io } = context
  const opens = args.switches.get('end-session') === true
  if (args.switches.get('json')) {
    const rows = all.map(endedJson)
    io.out(jsonText(args.switches.get('all') || args.switches.get('unregister') ? rows : rows[0]))
  } else {
    for (const ended of all) io.err(`${logoutText(ended)}\n`)
    if (all.length === 0 && args.switches.get('all')) io.err('There is no login to end.\n')
  }
  const gone = all.filter((ended) => !isKept(ended))
  if (opens || !args.switches.get('json')) await endSessions(gone, opens, context)
}

export const logout: Command = {
  usage: '[NAME|ISSUER|BACKEND]',
  operands: ['ISSUER'],
  flags: {
    ...loginFlags,
    all: { help: 'Every login there is, or every one at ISSUER.' },
    'end-session': { help: "Open the issuer's page that ends the browser's." },
    unregister: { help: 'End the client that login --register made, too.' },
    'client-secret-file': secretFile,
    force: { short: 'f', help: "Remove it here without the client's secret." },
    json,
  },
  about: `Revokes a login at its issuer and removes it here, for the openEO Python client too. Says whether the issuer
confirmed. It stays where the issuer wants the client's secret. Without ISSUER: the only login there is.`,
  examples: `  auth logout cdse
  auth logout --all`,
  run: async (args, context) => {
    const asked = await wantedAt(args, context)
    if (asked.backend?.method === 'basic') throw noLogin(args.operands[0] ?? '')
    const ends = args.switches.get('unregister') === true
    const wanted = ends ? await withRegistered(asked, context) : asked
    const all: Ended[] = []
    const ending = { secretFile: args.values.get('client-secret-file'), force: args.switches.get('force') === true }
    for (const key of await keysFor(args, wanted, context)) all.push(await loggedOut(key, ending, context))
    await told(all, args, context)
    if (all.some(isKept)) return exitCode.failed
    if (ends && wanted.target !== undefined) await unregister(wanted.target.issuer, context)
    return exitCode.done
  },
}
