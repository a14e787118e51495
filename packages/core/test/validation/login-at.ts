import {
  type AuthorizationCodeOptions,
  type AuthorizationPrompt,
  authorizationCode,
  client,
  clientCredentials,
  type TokenSet,
} from '@latchkey/core'
import type { Reply } from '@latchkey/testkit'
import type { SigningIssuer } from '../issuer/signing-issuer.ts'

export const redirectUri = 'http://127.0.0.1:12345/callback'

/** What the person's browser brings back, and what the issuer gives for it. */
export interface LoginAt {
  /** Default: the code and the state. */
  readonly back?: (prompt: AuthorizationPrompt) => string
  /** Changes to the claims of the ID token, or another ID token; `null` for none. */
  readonly idToken?: object | string | null
  readonly options?: Partial<AuthorizationCodeOptions>
}

/** A whole login by code. */
export async function loginAt(issuer: SigningIssuer, { back, idToken = {}, options }: LoginAt = {}): Promise<TokenSet> {
  const receive = async (prompt: AuthorizationPrompt): Promise<string> => {
    const nonce = new URL(prompt.url).searchParams.get('nonce')
    const made = typeof idToken === 'object' ? await issuer.idToken({ nonce, ...idToken }) : idToken
    issuer.grants(idToken === null ? {} : { id_token: made })
    return back?.(prompt) ?? `code=CODE-1&state=${prompt.state}`
  }
  const made = client({ issuer: issuer.issuer, clientId: 'c', scope: 'openid' })
  return authorizationCode(made, { redirectUri, receive, ...options })()
}

/** The answer to one token request. */
export async function answeredAt(issuer: SigningIssuer, reply: Reply): Promise<TokenSet> {
  issuer.add({ request: 'POST /token', reply })
  return clientCredentials(client({ issuer: issuer.issuer, clientId: 'c' }))()
}

export const tokens = (more: object = {}): Reply => ({ body: { access_token: 'AT', token_type: 'bearer', ...more } })
