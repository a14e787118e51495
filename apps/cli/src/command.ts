import type { Fetch } from '@latchkey/core'
import type { FileStore } from '@latchkey/file-store'
import type { Arguments, Flags } from './args.ts'
import type { Io } from './io.ts'

/** What a command works with. */
export interface Context {
  readonly io: Io
  /** The files shared with the openEO client; opened at the first call. */
  readonly store: () => FileStore
  /** The words behind `--`, of a command that takes another program's command line. */
  readonly rest?: readonly string[] | undefined
  /** For every request. Absent: the platform's. */
  readonly fetch?: Fetch | undefined
}

/** One command: its grammar, its help and what it does. */
export interface Command {
  /** The operands as the usage line shows them; empty for none. */
  readonly usage: string
  /** What the operands are called, in order. */
  readonly operands: readonly string[]
  readonly flags: Flags
  /** What stands behind `--` is another program's command line: `Context.rest`, not operands. */
  readonly takesCommand?: true
  /** Whether the beginning of an option's name stands for it: scripts written for the openEO tool may say `--show`. */
  readonly prefixes?: true
  /** What the help says below the usage line. */
  readonly about: string
  /** Lines to type, indented by two; shown at the end of the help. */
  readonly examples?: string
  /** Gives the exit code; throws `AuthError` or `UsageError`. */
  readonly run: (args: Arguments, context: Context) => Promise<number>
}
