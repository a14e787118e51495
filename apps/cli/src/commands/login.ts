import { type Client, deviceCode, type Login, type LoginKey, session, systemClock } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import { clientSecret } from '../client-secret.ts'
import type { Command, Context } from '../command.ts'
import { within } from '../deadline.ts'
import { durationText, secondsOption } from '../duration.ts'
import { exitCode } from '../exit-code.ts'
import { json, loginFlags, secretFile } from '../flags.ts'
import { knownIssuers } from '../issuers.ts'
import { jsonText } from '../json-text.ts'
import { described } from '../login-words.ts'
import { deviceText } from '../prompt.ts'
import { quoted } from '../quoted.ts'
import { allLogins } from '../stored-login.ts'
import { canonicalIssuer, isSameIssuer, type Target } from '../target.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'
import { wantedLogin } from '../wanted.ts'

/** What a login is asked for with. */
export interface LoginRequest {
  readonly target: Target
  readonly clientId: string | undefined
  readonly account: string | undefined
  readonly scope: string | undefined
  readonly pkce: boolean | undefined
  readonly secretFile: string | undefined
  readonly timeoutMs: number | undefined
}

export function loginRequest(args: Arguments, target: Target): LoginRequest {
  const { clientId, account } = wantedLogin(args)
  return {
    target,
    clientId,
    account,
    scope: args.values.get('scope'),
    pkce: args.switches.get('pkce'),
    secretFile: args.values.get('client-secret-file'),
    timeoutMs: secondsOption(args, 'timeout'),
  }
}

/** The names and what they stand for. */
function listing(asJson: boolean): string {
  if (asJson) return jsonText(knownIssuers.map(({ clientId, ...row }) => ({ ...row, client_id: clientId ?? null })))
  const width = Math.max(...knownIssuers.map(({ name }) => name.length))
  const rows = knownIssuers.map(
    ({ name, title, issuer }) => `  ${name.padEnd(width)}  ${title}\n  ${' '.repeat(width)}  ${issuer}\n`,
  )
  return `Log in with: auth login NAME, or auth login ISSUER --client-id ID\n\n${rows.join('')}`
}

/** Which login it will be: the issuer as another tool may have spelled it, and the client where only one can be meant. */
async function keyFor({ target, clientId, account }: LoginRequest, context: Context): Promise<LoginKey> {
  const stored = (await allLogins(context.store())).filter((key) => isSameIssuer(key.issuer, target))
  const issuer = stored[0]?.issuer ?? canonicalIssuer(target.issuer)
  const clients = new Set(stored.map((key) => key.clientId))
  const id = clientId ?? target.clientId ?? (clients.size === 1 ? [...clients][0] : undefined)
  if (id === undefined) {
    const orBackend = `For an openEO back-end: auth oidc-auth ${quoted(target.typed)}`
    throw new UsageError(
      `Which client at ${issuer}? Add --client-id ID; who runs the service gives it out. ${orBackend}`,
    )
  }
  return { issuer, clientId: id, ...(account !== undefined && { account }) }
}

/** The words of a default scope that the issuer knows, where it says which it knows. */
async function supported(client: Client, scope: string, signal: AbortSignal): Promise<string> {
  const listed = (await client.metadata({ signal }))['scopes_supported']
  if (!Array.isArray(listed)) return scope
  return scope
    .split(' ')
    .filter((word) => word === 'openid' || listed.includes(word))
    .join(' ')
}

async function loggedIn(request: LoginRequest, key: LoginKey, context: Context): Promise<Login | undefined> {
  const { io, fetch } = context
  const { target, timeoutMs } = request
  const secret = await clientSecret(key, request.secretFile, io)
  const store = context.store()
  const login = session({ ...key, clientSecret: secret, store, fetch })
  await within(timeoutMs, io, async (signal) => {
    const scope = request.scope ?? (await supported(login.client, target.scope, signal))
    const pkce = request.pkce ?? (target.pkce && secret === undefined)
    const grant = deviceCode(login.client, {
      scope,
      pkce,
      prompt: (prompt) => io.err(deviceText(prompt, `${key.issuer} as client ${key.clientId}`, systemClock.now())),
    })
    await login.login({ grant, signal })
  })
  return store.get(key)
}

/** What a person reads afterwards. */
export function loggedInText(key: LoginKey, login: Login | undefined, now: number): string {
  const own = login?.tokens['']
  const done = `Logged in: ${described(key)}.`
  if (login?.refreshToken !== undefined)
    return terminalText(`${done} It stays until you log out; auth token prints a fresh access token.`)
  const left =
    own?.expiresAt === undefined ? 'its access token is refused' : `${durationText(own.expiresAt - now)} from now`
  return terminalText(
    `${done} The issuer gave no refresh token, so it ends when ${left}: --scope with offline_access may bring one.`,
  )
}

function loggedInJson(key: LoginKey, login: Login | undefined): object {
  const own = login?.tokens['']
  return {
    issuer: key.issuer,
    client_id: key.clientId,
    ...(key.account !== undefined && { account: key.account }),
    ...(login?.subject !== undefined && { subject: login.subject }),
    scope: login?.scope ?? own?.scope ?? null,
    refresh_token: login?.refreshToken !== undefined,
    expires_at: own?.expiresAt === undefined ? null : new Date(own.expiresAt).toISOString(),
  }
}

export const login: Command = {
  usage: '[ISSUER|NAME]',
  operands: ['ISSUER'],
  flags: {
    ...loginFlags,
    scope: {
      value: 'WORDS',
      help: 'What to ask for, space separated; default: what the name stands for, or openid offline_access.',
    },
    pkce: { negatable: true, help: 'Send a proof key (RFC 7636); default: where the name says so.' },
    'client-secret-file': secretFile,
    timeout: { value: 'SECONDS', help: 'How long to wait for the approval; default: as long as the issuer does.' },
    json,
  },
  about: `Logs a person in by device: shows an address and a code on stderr, which may be used in any browser, and waits for
the approval. Needs no terminal. Without ISSUER: lists the names it knows.`,
  run: async (args, context) => {
    const asJson = args.switches.get('json') === true
    const { target } = wantedLogin(args)
    if (target === undefined) {
      if (args.values.size > 0) throw new UsageError('Which issuer? auth login lists the names it knows.')
      context.io.out(listing(asJson))
      return exitCode.done
    }
    const request = loginRequest(args, target)
    const key = await keyFor(request, context)
    const made = await loggedIn(request, key, context)
    if (asJson) context.io.out(jsonText(loggedInJson(key, made)))
    else context.io.err(`${loggedInText(key, made, systemClock.now())}\n`)
    return exitCode.done
  },
}
