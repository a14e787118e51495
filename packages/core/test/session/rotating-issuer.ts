import {
  type Client,
  client,
  type Login,
  loginKey,
  type SessionOptions,
  session,
  type TokenStore,
} from '@latchkey/core'
import {
  type ManualClock,
  type Reply,
  type ScriptedIssuer,
  type ScriptedRequest,
  scriptedIssuer,
} from '@latchkey/testkit'

/** An issuer that gives a new refresh token each time and takes only the last one, unless told to answer otherwise. */
export interface RotatingIssuer extends ScriptedIssuer {
  /** Forms of the token requests so far. */
  readonly sent: readonly Readonly<Record<string, string>>[]
  /** The refresh token it takes next. */
  current: string
  /** Seconds; `undefined`: the answer does not say. */
  expiresIn: number | undefined
  /** The next answers, in place of its own. */
  readonly answers: (Reply | ((request: ScriptedRequest) => Reply | Promise<Reply>))[]
}

export const refused: Reply = { status: 400, body: { error: 'invalid_grant' } }

export async function rotatingIssuer(): Promise<RotatingIssuer> {
  const sent: Readonly<Record<string, string>>[] = []
  let count = 0
  const reply = async (request: ScriptedRequest): Promise<Reply> => {
    sent.push(request.form)
    const special = issuer.answers.shift()
    if (special !== undefined) return typeof special === 'function' ? special(request) : special
    const refresh = request.form['grant_type'] === 'refresh_token'
    if (refresh && request.form['refresh_token'] !== issuer.current) return refused
    count += 1
    if (refresh) issuer.current = `RT${count + 1}`
    const lifetime = issuer.expiresIn === undefined ? {} : { expires_in: issuer.expiresIn }
    const rotated = refresh ? { refresh_token: issuer.current } : {}
    return { body: { access_token: `AT${count}`, token_type: 'bearer', ...lifetime, ...rotated } }
  }
  const server = await scriptedIssuer([{ request: 'POST /token', times: Number.POSITIVE_INFINITY, reply }])
  const issuer: RotatingIssuer = Object.assign(Object.create(server) as ScriptedIssuer, {
    sent,
    current: 'RT1',
    expiresIn: 3600 as number | undefined,
    answers: [] as RotatingIssuer['answers'],
  })
  return issuer
}

export const keyOf = (issuer: ScriptedIssuer): ReturnType<typeof loginKey> =>
  loginKey({ issuer: issuer.issuer, clientId: 'c' })

/** Puts a login into a store, as a person's login does. */
export async function put(store: TokenStore, issuer: ScriptedIssuer, login: Partial<Login> = {}): Promise<void> {
  await store.update(keyOf(issuer), async () => ({ refreshToken: 'RT1', tokens: {}, ...login }))
}

export type Options = Partial<SessionOptions> & { readonly store: TokenStore; readonly clock: ManualClock }

export function sessionAt(issuer: ScriptedIssuer, options: Options): ReturnType<typeof session> {
  return session({ issuer: issuer.issuer, clientId: 'c', ...options })
}

export function clientAt(issuer: ScriptedIssuer, clock: ManualClock): Client {
  return client({ issuer: issuer.issuer, clientId: 'c', clock })
}
