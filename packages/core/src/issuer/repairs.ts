type Members = Readonly<Record<string, unknown>>

/** A fault that real servers have, and what they meant. */
interface Repair {
  /** The servers it was seen at. */
  readonly seenAt: string
  readonly mend: (answer: Members) => Members
}

const without = (answer: Members, unwanted: (value: unknown, name: string) => boolean): Members =>
  Object.fromEntries(Object.entries(answer).filter(([name, value]) => !unwanted(value, name)))

const renamed = (answer: Members, from: string, to: string): Members =>
  answer[to] === undefined && answer[from] !== undefined ? { ...answer, [to]: answer[from] } : answer

/** The longest lifetime believed: what is longer means "for ever", and would overflow dates. */
const longestSeconds = 10 * 365 * 24 * 60 * 60

const seconds = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && number >= 0 ? Math.min(number, longestSeconds) : undefined
}

const withSeconds = (answer: Members, name: string, fallback?: number): Members => {
  const value = seconds(answer[name]) ?? fallback
  return value === undefined ? without(answer, (_, other) => other === name) : { ...answer, [name]: value }
}

const nulls: Repair = {
  seenAt: 'frameworks that serialise absent members as null',
  mend: (answer) => without(answer, (value) => value === null),
}

/** For answers of a token endpoint (RFC 6749 section 5.1). */
export const tokenRepairs: readonly Repair[] = [
  nulls,
  {
    seenAt: 'servers that send "" for no refresh or ID token',
    mend: (answer) =>
      without(answer, (value, name) => value === '' && (name === 'refresh_token' || name === 'id_token')),
  },
  { seenAt: 'Azure AD v1 (a string), gateways (-1)', mend: (answer) => withSeconds(answer, 'expires_in') },
  {
    seenAt: 'Twitch (a list)',
    mend: (answer) => (isWords(answer['scope']) ? { ...answer, scope: answer['scope'].join(' ') } : answer),
  },
]

const isWords = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string')

/** RFC 8628 section 3.2 has no default for the lifetime, which INDIGO IAM leaves out. */
const deviceLifetimeSeconds = 600
/** RFC 8628 section 3.2. */
const deviceIntervalSeconds = 5

/** For answers of a device authorization endpoint (RFC 8628 section 3.2). */
export const deviceRepairs: readonly Repair[] = [
  nulls,
  { seenAt: 'Google', mend: (answer) => renamed(answer, 'verification_url', 'verification_uri') },
  {
    seenAt: 'INDIGO IAM clients without a lifetime',
    mend: (answer) => withSeconds(answer, 'expires_in', deviceLifetimeSeconds),
  },
  {
    seenAt: 'INDIGO IAM, oidc-provider (absent), others (null, a string)',
    mend: (answer) => withSeconds(answer, 'interval', deviceIntervalSeconds),
  },
]

/** The answer as its server meant it. */
export function repaired(answer: Members, repairs: readonly Repair[]): Members {
  return repairs.reduce((mended, { mend }) => mend(mended), answer)
}
