import type { Flag } from '../args.ts'
import { commands } from '../commands.ts'
import { helpFlag } from '../flags.ts'

/** One option, as it is typed. */
export interface DescribedOption {
  readonly name: string
  readonly takesValue: boolean
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

function described([name, { value, negatable, help }]: readonly [string, Flag]): readonly DescribedOption[] {
  const positive = { name: `--${name}`, takesValue: value !== undefined, does: firstSentence(help) }
  return negatable ? [positive, { ...positive, name: `--no-${name}`, takesValue: false }] : [positive]
}

/** Shells show one short line. */
const firstSentence = (text: string): string => text.split(/[.:;](?= |$)/)[0] ?? ''

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
