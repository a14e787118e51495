import { freezeToken, keyText, type Login, type LoginKey, type StoredToken } from '@latchkey/core'
import { look } from './private-file.ts'
import { JsonSyntaxError } from './python-json.ts'
import { unreadable } from './store-error.ts'
import { moveInto, writeTemporary } from './temporary-file.ts'

/** What we keep for one login beside the shared file. */
export interface OwnFile {
  readonly key: LoginKey
  /** Belongs to its `refreshToken` and is invisible with any other. Absent after a logout. */
  readonly login?: Login | undefined
  /** SHA-256 of the last refresh tokens that an answer of the issuer replaced, oldest first. */
  readonly spent: readonly string[]
  /** The id of the answer that was last made part of the login. */
  readonly finished?: string | undefined
  /** The largest order given so far. */
  readonly order: number
}

const remembered = 8

/** The spent list with one more. */
export function withSpent(spent: readonly string[], hash: string): readonly string[] {
  return [...spent.filter((other) => other !== hash), hash].slice(-remembered)
}

type Plain = Readonly<Record<string, unknown>>

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A token that no header can carry is none: it must not cost the refresh token beside it. */
export function usableToken(token: StoredToken): StoredToken | undefined {
  try {
    return freezeToken(token)
  } catch {
    return undefined
  }
}

function tokensIn(value: unknown): Login['tokens'] {
  const tokens: [string, StoredToken][] = []
  for (const [variant, token] of Object.entries(isPlain(value) ? value : {})) {
    if (!isPlain(token) || typeof token['receivedAt'] !== 'number' || typeof token['order'] !== 'number') continue
    if (typeof token['accessToken'] !== 'string' || typeof token['tokenType'] !== 'string') continue
    const frozen = usableToken(token as unknown as StoredToken)
    if (frozen !== undefined) tokens.push([variant, frozen])
  }
  return Object.fromEntries(tokens)
}

function keyIn(content: unknown): LoginKey | undefined {
  const key = isPlain(content) ? content['key'] : undefined
  if (!isPlain(key) || typeof key['issuer'] !== 'string' || typeof key['clientId'] !== 'string') return undefined
  const { issuer, clientId, account } = key
  return typeof account === 'string' ? { issuer, clientId, account } : { issuer, clientId }
}

function ownFileOf(content: unknown): OwnFile {
  const key = keyIn(content)
  if (key === undefined) throw new JsonSyntaxError('it is none of our files', 0)
  const { login, spent, finished, order } = content as Plain
  return {
    key,
    login: isPlain(login) ? { ...(login as unknown as Login), tokens: tokensIn(login['tokens']) } : undefined,
    spent: Array.isArray(spent) ? spent.filter((hash) => typeof hash === 'string') : [],
    finished: typeof finished === 'string' ? finished : undefined,
    order: typeof order === 'number' ? order : 0,
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new JsonSyntaxError('it is not JSON', 0)
  }
}

/**
 * Reads our file for a login; one that does not exist yet is an empty one. It is only ever replaced whole, so only a
 * power loss or another hand can break it: for a default login that costs one renewal, a named one lives nowhere else.
 *
 * @throws `STORE_UNREADABLE` when it belongs to another login or a named one is broken, `STORE_PERMISSIONS`
 */
export function readOwnFile(path: string, key: LoginKey): OwnFile {
  const seen = look(path, (text) => ownFileOf(parse(text)))
  if (seen.state === 'read') {
    if (keyText(seen.file.value.key) === keyText(key)) return seen.file.value
    throw unreadable(path, 'it belongs to another login')
  }
  const replaceable = seen.state === 'unsettled' && seen.error.code === 'STORE_UNREADABLE' && key.account === undefined
  if (seen.state === 'absent' || replaceable) return { key, spent: [], order: 0 }
  throw seen.error
}

/** The key that a file of ours is for, or `undefined` when it is none. */
export function readOwnKey(path: string): LoginKey | undefined {
  const seen = look(path, parse)
  return seen.state === 'read' ? keyIn(seen.file.value) : undefined
}

/** Tokens print themselves redacted; this is the one place that means their text. */
function bare(login: Login | undefined): unknown {
  if (login === undefined) return undefined
  const { unfinished: _, tokens, ...rest } = login
  return {
    ...rest,
    tokens: Object.fromEntries(Object.entries(tokens).map(([variant, token]) => [variant, { ...token }])),
  }
}

/** Everything but access tokens, as text: what power loss must not take. */
function lasting({ key, login, spent, finished }: OwnFile): string {
  const { tokens: _, unfinished: __, ...rest } = login ?? { tokens: {} }
  return JSON.stringify([key, login !== undefined, rest, spent, finished])
}

function mustLast(before: OwnFile, after: OwnFile): boolean {
  if (after.key.account !== undefined || after.login?.dpopKey !== undefined) return true
  return lasting(before) !== lasting(after)
}

/**
 * Replaces our file, under the lock of its login. Without the wait for the disk only where nothing but an access token
 * changed and nothing else lives in it.
 */
export async function writeOwnFile(path: string, before: OwnFile, after: OwnFile): Promise<void> {
  const { key, login, spent, finished, order } = after
  const text = JSON.stringify({ version: 1, key, login: bare(login), spent, finished, order }, null, 2)
  const temporary = `${path}.tmp`
  await writeTemporary(temporary, text, mustLast(before, after))
  moveInto(temporary, path)
}
