import { UsageError } from '../usage-error.ts'

/** What git says about the credential it wants (gitcredentials(7), git-credential(1)). */
export interface GitRequest {
  readonly protocol: string | undefined
  /** With its port. */
  readonly host: string | undefined
  readonly username: string | undefined
  readonly password: string | undefined
  /** What this git understands beyond passwords. */
  readonly capabilities: readonly string[]
}

/**
 * Reads git's attributes: `name=value`, a line each, up to an empty line or the end.
 *
 * @throws UsageError for a CR or NUL, which another reader may take for an end (CVE-2024-52006), and for what is no attribute
 */
export function gitRequest(text: string): GitRequest {
  if (/[\r\0]/.test(text)) throw new UsageError('What git asks for holds a carriage return or a NUL: refused.')
  const members = new Map<string, string>()
  const capabilities: string[] = []
  for (const line of text.split('\n')) {
    if (line === '') break
    const equals = line.indexOf('=')
    if (equals < 1) throw new UsageError('What came on stdin is no credential request of git: name=value, a line each.')
    const name = line.slice(0, equals)
    const value = line.slice(equals + 1)
    if (name === 'capability[]') capabilities.push(value)
    else if (!name.endsWith('[]')) members.set(name, value)
  }
  return {
    protocol: members.get('protocol'),
    host: members.get('host'),
    username: members.get('username'),
    password: members.get('password'),
    capabilities,
  }
}

/**
 * The answer, in git's lines.
 *
 * @throws UsageError for a value that would be more than a line
 */
export function gitAnswer(members: Readonly<Record<string, string>>): string {
  return Object.entries(members)
    .map(([name, value]) => {
      if (/[\n\r\0]/.test(value)) throw new UsageError(`The ${name} for git holds a line break or a NUL: refused.`)
      return `${name}=${value}\n`
    })
    .join('')
}
