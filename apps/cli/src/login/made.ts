import { isAuthError, type Login, type LoginKey, systemClock, type TokenSet } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import type { Context } from '../command.ts'
import { durationText } from '../duration.ts'
import { loginOptions } from '../login-words.ts'
import { quoted } from '../quoted.ts'
import { storedLogin } from '../stored-login.ts'
import { goodSign } from '../terminal/style.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'
import { wantedAt } from '../wanted.ts'

/** What a login came to. */
export interface Made {
  readonly key: LoginKey
  /** As it is kept; absent where it is not. */
  readonly login?: Login | undefined
  /** What the issuer gave; absent where another process was first. */
  readonly set?: TokenSet | undefined
}

export async function storedAs(key: LoginKey, set: TokenSet | undefined, context: Context): Promise<Made> {
  return { key, login: await context.store().get(key), set }
}

/** The claims that say who somebody is to a person, the most telling first. */
const nameClaims = ['preferred_username', 'email', 'name', 'sub']

const longestName = 60

function nameIn({ set }: Made): string {
  const name = nameClaims.map((claim) => set?.idTokenClaims?.[claim]).find((value) => typeof value === 'string')
  return typeof name === 'string' && name !== '' ? ` as ${name.slice(0, longestName)}` : ''
}

/** What a person reads afterwards: who is logged in where, and what to type next. */
export async function madeText(made: Made, { typed, secretFile }: MadeBy, context: Context): Promise<string> {
  const { key, login } = made
  const { issuer, clientId, account } = key
  const whose = `client ${clientId}${account === undefined ? '' : `, account ${account}`}`
  const done = `${await goodSign(context.io)}Logged in at ${issuer}${nameIn(made)} (${whose}).`
  const secret =
    secretFile === undefined ? [] : [`--client-secret-file ${secretFile === '-' ? 'FILE' : quoted(secretFile)}`]
  const token = ['auth token', quoted(typed), ...(await optionsFor(key, typed, context)), ...secret].join(' ')
  return [done, nextText(login, token)].map((line) => `${terminalText(line)}\n`).join('')
}

/** What a login was asked for with, as far as the next command needs it. */
export interface MadeBy {
  readonly typed: string
  readonly secretFile: string | undefined
}

/** The options without which what was typed would mean another login, or one of several: as few as will do. */
async function optionsFor(key: LoginKey, typed: string, context: Context): Promise<readonly string[]> {
  const client = ['client-id', key.clientId] as const
  const accounts = key.account === undefined ? [] : [['account', key.account] as const]
  for (const values of [[], accounts, [client]]) {
    if (await isMeant(key, { operands: [typed], values: new Map(values), switches: new Map() }, context)) {
      return values.map(([name, value]) => `--${name} ${quoted(value)}`)
    }
  }
  return [loginOptions(key)]
}

async function isMeant(key: LoginKey, args: Arguments, context: Context): Promise<boolean> {
  try {
    const found = await storedLogin(await wantedAt(args, context), context.store(), 'auth token')
    return found.issuer === key.issuer && found.clientId === key.clientId && found.account === key.account
  } catch (error) {
    if (error instanceof UsageError || isAuthError(error)) return false
    throw error
  }
}

function nextText(login: Login | undefined, token: string): string {
  const own = login?.tokens['']
  if (login?.refreshToken !== undefined) {
    const lasts = (login.scope ?? own?.scope ?? '').split(' ').includes('offline_access')
    const until = lasts ? 'you log out' : 'its session at the issuer ends, perhaps with the one of your browser'
    return `It stays until ${until}. A fresh token: ${token}`
  }
  const expiresAt = own?.expiresAt
  const end =
    expiresAt === undefined
      ? 'when its access token is refused'
      : `${durationText(expiresAt - systemClock.now())} from now`
  return `The issuer gave no refresh token, so it ends ${end}: --scope with offline_access may bring one.`
}

/** A login for programs. */
export function madeJson({ key, login }: Made): object {
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

/** Tokens that nobody keeps, for programs. */
export function unkeptJson({ key, set }: Made): object {
  if (set === undefined) return {}
  const { token, refreshToken, idToken, scope } = set
  const left = token.expiresAt === undefined ? undefined : Math.floor((token.expiresAt - systemClock.now()) / 1000)
  return {
    issuer: key.issuer,
    client_id: key.clientId,
    access_token: token.accessToken,
    token_type: token.tokenType,
    ...(token.expiresAt !== undefined && { expires_at: new Date(token.expiresAt).toISOString(), expires_in: left }),
    ...(scope !== undefined && { scope }),
    ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    ...(idToken !== undefined && { id_token: idToken }),
  }
}
