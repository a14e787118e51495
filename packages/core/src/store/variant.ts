/** What a token is asked for beyond the login itself. */
export interface TokenRequest {
  /** Space separated (RFC 6749 section 3.3). */
  readonly scope?: string | undefined
  /** Logical names of the APIs the token is for (RFC 8693 section 2.1, and what many issuers take elsewhere). */
  readonly audience?: string | readonly string[] | undefined
  /** Their URIs (RFC 8707). */
  readonly resource?: string | readonly string[] | undefined
}

const words = (value: string | readonly string[] | undefined, split: boolean): readonly string[] => {
  const list = value === undefined ? [] : typeof value === 'string' ? (split ? value.split(' ') : [value]) : value
  return [...new Set(list.filter((word) => word !== ''))].toSorted()
}

/**
 * The name under which an access token is kept: the canonical JSON of what was asked for.
 * `''` is the login's own token; asking for the login's own scope makes no variant, so that a CLI and a script share it.
 */
export function variantOf(request: TokenRequest, loginScope?: string): string {
  const scope = words(request.scope, true)
  const own = words(loginScope, true)
  const entries: readonly (readonly [string, readonly string[]])[] = [
    ['audience', words(request.audience, false)],
    ['resource', words(request.resource, false)],
    ['scope', scope.join(' ') === own.join(' ') ? [] : scope],
  ]
  const asked = entries.filter(([, list]) => list.length > 0)
  return asked.length === 0 ? '' : JSON.stringify(Object.fromEntries(asked))
}

/** The same for a machine's grant: its tokens are no person's, and `narrow` has no part in them. One for each scope. */
export function machineVariant(scope?: string): string {
  return JSON.stringify({ machine: words(scope, true) })
}
