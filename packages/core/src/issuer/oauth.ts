type OAuth = typeof import('oauth4webapi')

let loaded: Promise<OAuth> | undefined

/** oauth4webapi, loaded at the first exchange: a cached token must not pay for it. */
export function oauth(): Promise<OAuth> {
  loaded ??= import('oauth4webapi')
  return loaded
}
