import type { TokenSet } from '@latchkey/core'
import { type Reply, type ScriptedIssuer, type ScriptedRequest, scriptedIssuer } from '@latchkey/testkit'

/** What the issuer does on a whim. */
export interface Manners {
  /** A new refresh token each time; sending an old one ends the login. */
  readonly rotates: boolean
  /** Says how long access tokens live. */
  readonly saysExpiry: boolean
}

/** An issuer that knows of each token which login it came from. */
export interface Families extends ScriptedIssuer {
  manners: Manners
  /** A person logs in: gives the number of the login, and its tokens as the device grant brings them. */
  begin(): { readonly person: number; readonly set: TokenSet }
  /** The login that an access token belongs to. */
  personOf(accessToken: string): number | undefined
  /** Happens once, while the next token request is under way: before the rotation or after it. */
  meanwhile: { readonly when: 'before' | 'after'; readonly act: () => void } | undefined
  /** The next token request is answered 503. */
  busy: boolean
  /** Spent refresh tokens that were sent while their login lived. */
  readonly reused: string[]
}

interface Family {
  readonly spent: Set<string>
  current: string
  ended: boolean
}

const refused: Reply = { status: 400, body: { error: 'invalid_grant' } }

export async function families(now: () => number): Promise<Families> {
  const logins: Family[] = []
  const access = new Map<string, number>()
  let count = 0
  const accessFor = (person: number): string => {
    const name = `AT${++count}`
    access.set(name, person)
    return name
  }
  const happen = (when: 'before' | 'after'): void => {
    if (issuer.meanwhile?.when !== when) return
    const { act } = issuer.meanwhile
    issuer.meanwhile = undefined
    act()
  }
  const refreshed = (sent: string): Reply => {
    const person = logins.findIndex(({ current, spent }) => current === sent || spent.has(sent))
    const login = logins[person]
    if (login === undefined || login.ended) return refused
    if (login.current !== sent) {
      login.ended = true
      issuer.reused.push(sent)
      return refused
    }
    if (issuer.manners.rotates) {
      login.spent.add(sent)
      login.current = `RT${person}.${login.spent.size}`
    }
    const expiry = issuer.manners.saysExpiry ? { expires_in: 100 } : {}
    return {
      body: { access_token: accessFor(person), token_type: 'Bearer', ...expiry, refresh_token: login.current },
    }
  }
  const token = ({ form }: ScriptedRequest): Reply => {
    happen('before')
    const { busy } = issuer
    issuer.busy = false
    const reply = busy ? { status: 503 } : refreshed(form['refresh_token'] ?? '')
    happen('after')
    return reply
  }
  const revoke = ({ form }: ScriptedRequest): Reply => {
    const login = logins.find(({ current, spent }) => current === form['token'] || spent.has(form['token'] ?? ''))
    if (login !== undefined) login.ended = true
    return { status: 200 }
  }
  const server = await scriptedIssuer([
    { request: 'POST /token', reply: token, times: Number.POSITIVE_INFINITY },
    { request: 'POST /revoke', reply: revoke, times: Number.POSITIVE_INFINITY },
  ])
  const issuer: Families = Object.assign(Object.create(server) as ScriptedIssuer, {
    manners: { rotates: true, saysExpiry: true },
    begin: () => {
      const person = logins.push({ spent: new Set(), current: `RT${logins.length}.0`, ended: false }) - 1
      const accessToken = accessFor(person)
      const expiresAt = now() + 100_000
      const set: TokenSet = {
        token: { accessToken, tokenType: 'Bearer', expiresAt },
        refreshToken: `RT${person}.0`,
      }
      return { person, set }
    },
    personOf: (accessToken: string) => access.get(accessToken),
    meanwhile: undefined,
    busy: false,
    reused: [],
  })
  return issuer
}
