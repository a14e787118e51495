/** What an API asked for beyond a fresh token (RFC 9470 section 3; `insufficient_scope` of RFC 6750 section 3.1). */
export interface StepUp {
  /** Space separated, in order of preference. */
  readonly acrValues?: string
  /** Seconds since the person last authenticated. */
  readonly maxAge?: number
  readonly scope?: string
}
