/** The command line cannot be understood, or lacks something only the caller knows: exit code 2. The message says what to type instead. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    Object.defineProperty(this, 'name', { value: 'UsageError', configurable: true, writable: true })
  }
}
