/** What was typed, and the words that would have been understood: for "did you mean". */
export interface Guess {
  readonly typed: string
  readonly words: readonly string[]
}

/** The command line cannot be understood, or lacks something only the caller knows: exit code 2. The message says what to type instead. */
export class UsageError extends Error {
  readonly guess: Guess | undefined

  constructor(message: string, guess?: Guess) {
    super(message)
    Object.defineProperty(this, 'name', { value: 'UsageError', configurable: true, writable: true })
    this.guess = guess
  }
}
