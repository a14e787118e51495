/** The terminal a person sits at, whatever stdin and stdout are. */
export interface Terminal {
  /**
   * Asks for a line that is not shown while it is typed; `undefined` when the person ended it with Ctrl-D. The terminal
   * is as it was before on every way out.
   *
   * @throws the reason of `signal`: what a Ctrl-C becomes
   */
  readonly readHidden: (question: string, signal: AbortSignal) => Promise<string | undefined>
}
