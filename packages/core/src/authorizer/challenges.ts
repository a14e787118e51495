/** One challenge of a `WWW-Authenticate` field (RFC 9110 section 11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `dpop`. */
  readonly scheme: string
  /** What follows schemes such as `Negotiate`. */
  readonly token68?: string
  /** Names in lower case; the first of each counts. */
  readonly parameters: Readonly<Record<string, string>>
}

/** What is longer than this is no challenge; Node itself takes 16 KiB of headers in all. */
const longestField = 16 * 1024

const separators = /[\s,]*/y
const word = /[!#$%&'*+\-.^_`|~\w]+/y
// Only straight after a scheme, and before `name=value` is tried: `Negotiate abc==` is no parameter.
const token68 = /[ \t]+([\w\-.~+/]+=*)(?=[ \t]*(?:,|$))/y
const assignment = /[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"?|([^\s,"]*))/y
const junk = /[^,]*/y

/**
 * Reads the challenges of a `WWW-Authenticate` field whose lines are joined by commas. Lenient: what cannot be read is
 * skipped, never thrown.
 */
export function parseChallenges(field: string | null | undefined): readonly Challenge[] {
  const text = (field ?? '').slice(0, longestField)
  const challenges: { scheme: string; token68?: string; parameters: Record<string, string> }[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match !== null) at = pattern.lastIndex
    return match
  }
  for (take(separators); at < text.length; take(separators)) {
    const name = take(word)?.[0].toLowerCase()
    const current = challenges.at(-1)
    if (name === undefined) {
      take(junk)
      continue
    }
    const value = current === undefined ? null : take(assignment)
    if (current !== undefined && value !== null) {
      current.parameters[name] ??= value[1]?.replace(/\\(.)/g, '$1') ?? value[2] ?? ''
      continue
    }
    const blob = take(token68)?.[1]
    const parameters = Object.create(null) as Record<string, string>
    challenges.push(blob === undefined ? { scheme: name, parameters } : { scheme: name, token68: blob, parameters })
  }
  return challenges
}
