import type { Flag } from '../args.ts'
import { commands } from '../commands.ts'
import { helpFlag } from '../flags.ts'

/** One option, as it is typed. */
export interface DescribedOption {
  readonly name: string
  /** What may stand behind it: one of these words, a file, or what nobody can know. Absent for a switch. */
  readonly value?: readonly string[] | 'file' | 'any'
  readonly does: string
}

/** What there is to complete behind a command. */
export interface DescribedCommand {
  readonly name: string
  readonly does: string
  readonly options: readonly DescribedOption[]
  /** Its first operand is an issuer. */
  readonly takesIssuer: boolean
}

/** By what stands for a value in the help. */
const values: Readonly<Record<string, DescribedOption['value']>> = {
  FILE: 'file',
  FLOW: ['device', 'auth-code'],
  HOW: ['auto', 'browser', 'device', 'paste'],
}

function described([name, { value, negatable, help }]: readonly [string, Flag]): readonly DescribedOption[] {
  const does = firstSentence(help)
  const positive = { name: `--${name}`, does, ...(value === undefined ? {} : { value: values[value] ?? 'any' }) }
  return negatable ? [positive, { name: `--no-${name}`, does }] : [positive]
}

/** Shells show one short line. */
const firstSentence = (text: string): string => text.split(/[.:;](?= |$)/)[0] ?? ''

/** The options behind which a value stands, each once, with what the shell is told to offer for it. */
export function valued(
  commands: readonly DescribedCommand[],
  offer: (value: NonNullable<DescribedOption['value']>) => string,
): readonly (readonly [name: string, offer: string])[] {
  const options = commands.flatMap((command) => command.options)
  const rows = options.flatMap(({ name, value }) => (value === undefined ? [] : [[name, offer(value)] as const]))
  return [...new Map(rows)]
}

/** The commands with their options, from the table that the program itself works by. */
export async function describedCommands(): Promise<readonly DescribedCommand[]> {
  const rows = Object.entries(commands).filter(([, { aliasOf }]) => aliasOf === undefined)
  return Promise.all(
    rows.map(async ([name, { summary, load }]) => {
      const { flags, operands } = await load()
      const options = Object.entries({ ...flags, ...helpFlag }).flatMap(described)
      return { name, does: firstSentence(summary), options, takesIssuer: operands[0] === 'ISSUER' }
    }),
  )
}
