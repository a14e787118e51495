/** One challenge of a `WWW-Authenticate` field (RFC 9110 section 11.6.1). */
export interface Challenge {
  /** As sent; compare without regard to case. */
  readonly scheme: string
  /** The single value some schemes carry instead of parameters. */
  readonly token68?: string
  /** By lower-case name; of a name that comes twice, the first. */
  readonly parameters: Readonly<Record<string, string>>
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const separators = /[\s,]*/y
const schemePattern = new RegExp(`(${token})(?=[ \\t,]|$)[ \\t]*`, 'y')
// Only straight after a scheme: "Negotiate abc==" would read as a parameter without a value.
const token68Pattern = /([\w.~+/-]+=*)(?=[ \t]*(?:,|$))/y
const parameterPattern = new RegExp(`(${token})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]*))`, 'y')

/**
 * The challenges of a `WWW-Authenticate` field; several field lines are joined by ", ". What follows something
 * unreadable is left out.
 */
export function parseChallenges(field: string): readonly Challenge[] {
  const found: Challenge[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(field)
    if (match !== null) at = pattern.lastIndex
    return match
  }
  for (;;) {
    take(separators)
    const scheme = take(schemePattern)?.[1]
    if (scheme === undefined) return found
    const token68 = take(token68Pattern)?.[1]
    const parameters: Record<string, string> = Object.create(null)
    found.push(token68 === undefined ? { scheme, parameters } : { scheme, token68, parameters })
    for (let parameter = take(parameterPattern); parameter !== null; parameter = take(parameterPattern)) {
      const [, name = '', quoted, bare = ''] = parameter
      parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? bare
      take(separators)
    }
  }
}
