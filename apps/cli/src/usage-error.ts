/** What a usage error adds to its message. */
export interface UsageHelp {
  /** The command whose `--help` tells more: `auth token`. */
  readonly see?: string | undefined
  /** What was typed, and the words that would have been understood: for "did you mean". */
  readonly typed?: string | undefined
  readonly words?: readonly string[] | undefined
}

/** The command line cannot be understood, or lacks something only the caller knows: exit code 2. The message says what to type instead. */
export class UsageError extends Error {
  readonly help: UsageHelp

  constructor(message: string, help: UsageHelp = {}) {
    super(message)
    Object.defineProperty(this, 'name', { value: 'UsageError', configurable: true, writable: true })
    this.help = help
  }
}
