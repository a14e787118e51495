import type OidcProvider from 'oidc-provider'

/** What a provider has done so far. Counts go up while it runs. */
export interface ProviderStats {
  /** Requests by path, as `POST /token`. */
  readonly requests: Record<string, number>
  /** Access tokens issued, by `grant_type`. */
  readonly issued: Record<string, number>
  /** Refreshes that succeeded. */
  refreshes: number
  /** Refusals of the token endpoint by `error`, pending device polls included. */
  readonly refusals: Record<string, number>
  /** Logins ended because a rotated refresh token was used again, or by revocation. */
  revokedGrants: number
  /** Answers the provider could not give: a defect of the provider or of the test. */
  readonly serverErrors: string[]
}

const count = (table: Record<string, number>, name: string): void => {
  table[name] = (table[name] ?? 0) + 1
}

/** Counts from now on. */
export function watch(oidc: OidcProvider): ProviderStats {
  const stats: ProviderStats = {
    requests: {},
    issued: {},
    refreshes: 0,
    refusals: {},
    revokedGrants: 0,
    serverErrors: [],
  }
  oidc.use(async (ctx, next) => {
    count(stats.requests, `${ctx.method} ${ctx.path}`)
    await next()
  })
  oidc.on('grant.success', (ctx) => {
    const grantType = String(ctx.oidc.params?.['grant_type'])
    count(stats.issued, grantType)
    if (grantType === 'refresh_token') stats.refreshes++
  })
  oidc.on('grant.error', (_ctx, error) => count(stats.refusals, error.error))
  oidc.on('grant.revoked', () => {
    stats.revokedGrants++
  })
  oidc.on('server_error', (_ctx, error) => stats.serverErrors.push(String(error)))
  return stats
}
