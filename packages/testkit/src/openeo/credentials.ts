import { randomUUID } from 'node:crypto'
import type { Reply } from '../scripted/reply.ts'
import { refuse } from './refusal.ts'
import type { OpeneoSettings } from './settings.ts'

/** What an issuer knows of a token: `provider().verify` gives it. */
export interface TokenHolder {
  readonly login?: string | undefined
  readonly clientId: string
}

/** Whether a token of one of the providers is good now; a bare JWT names no provider. */
export type VerifyToken = (accessToken: string, providerId: string | undefined) => TokenHolder | undefined

/** Who asks: a user, or the refusal that the request gets. */
export type Asker = { readonly user: string } | { readonly refused: Reply }

/** Who may enter, and with which token. */
export interface Credentials {
  /** `GET /credentials/basic`. */
  login(authorization: string | undefined): Reply
  asker(authorization: string | undefined): Asker
  /** Refuses one token from now on, though its issuer would not. */
  refuse(accessToken: string): void
}

interface Bearer {
  readonly type: 'basic' | 'oidc' | 'bare'
  readonly provider: string
  readonly token: string
}

/** `basic//TOKEN`, `oidc/PROVIDER/TOKEN`, or a bare token, which has no slash in it as long as it is a JWT. */
function bearerOf(authorization: string): Bearer | undefined {
  const [, type, provider = '', token = ''] = /^Bearer (?:(basic|oidc)\/([^/]*)\/)?(\S+)$/.exec(authorization) ?? []
  if (token === '') return undefined
  if (type === undefined) return token.includes('/') ? undefined : { type: 'bare', provider, token }
  return (type === 'basic') === (provider === '') ? { type: type as 'basic' | 'oidc', provider, token } : undefined
}

function basicOf(authorization: string | undefined): readonly [user: string, password: string] | undefined {
  const [, coded] = /^Basic (\S+)$/.exec(authorization ?? '') ?? []
  if (coded === undefined) return undefined
  const text = Buffer.from(coded, 'base64').toString()
  const colon = text.indexOf(':')
  return [text.slice(0, colon), text.slice(colon + 1)]
}

/** The credentials of one back-end. */
export function credentials(settings: OpeneoSettings, verify: VerifyToken): Credentials {
  const basicTokens = new Map<string, string>()
  const refused = new Set<string>()

  const holderOf = ({ type, provider, token }: Bearer): string | undefined => {
    const basic = basicTokens.get(token)
    if (type !== 'oidc' && basic !== undefined) return basic
    if (type === 'basic' || (type === 'oidc' && !settings.providers.some(({ id }) => id === provider))) return undefined
    const holder = verify(token, type === 'oidc' ? provider : undefined)
    return holder === undefined ? undefined : (holder.login ?? holder.clientId)
  }

  return {
    login: (authorization) => {
      const [user, password] = basicOf(authorization) ?? []
      if (user === undefined) return refuse(401, 'AuthenticationRequired')
      if (settings.users[user] !== password) return refuse(403, 'CredentialsInvalid', 'Credentials are not correct.')
      const token = `b-${randomUUID()}`
      basicTokens.set(token, user)
      return { body: { access_token: token } }
    },
    asker: (authorization) => {
      if (authorization === undefined) return { refused: refuse(401, 'AuthenticationRequired') }
      const bearer = bearerOf(authorization)
      if (bearer === undefined || (bearer.type === 'bare' && settings.jwt === false)) {
        return { refused: refuse(403, 'AuthenticationSchemeInvalid') }
      }
      const user = settings.alwaysRefuse || refused.has(bearer.token) ? undefined : holderOf(bearer)
      const { status, code, message } = settings.refusal
      return user === undefined ? { refused: refuse(status, code, message) } : { user }
    },
    refuse: (accessToken) => {
      refused.add(accessToken)
    },
  }
}
