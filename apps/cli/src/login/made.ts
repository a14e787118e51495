import { type Login, type LoginKey, systemClock, type TokenSet } from '@latchkey/core'
import type { Context } from '../command.ts'
import { durationText } from '../duration.ts'
import { quoted } from '../quoted.ts'
import { goodSign } from '../terminal/style.ts'
import { terminalText } from '../terminal-text.ts'

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
export async function madeText(made: Made, typed: string, { io }: Context): Promise<string> {
  const { key, login } = made
  const { issuer, clientId, account } = key
  const whose = `client ${clientId}${account === undefined ? '' : `, account ${account}`}`
  const done = `${await goodSign(io)}Logged in at ${issuer}${nameIn(made)} (${whose}).`
  return [done, nextText(login, typed, account)].map((line) => `${terminalText(line)}\n`).join('')
}

function nextText(login: Login | undefined, typed: string, account: string | undefined): string {
  const own = login?.tokens['']
  const token = `auth token ${quoted(typed)}${account === undefined ? '' : ` --account ${quoted(account)}`}`
  if (login?.refreshToken !== undefined) return `It stays until you log out. A fresh token: ${token}`
  const expiresAt = own?.expiresAt
  const end =
    expiresAt === undefined ? 'its access token is refused' : `${durationText(expiresAt - systemClock.now())} from now`
  return `The issuer gave no refresh token, so it ends when ${end}: --scope with offline_access may bring one.`
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
