import type OidcProvider from 'oidc-provider'

/** Whose login, and for what. */
export interface IssueOptions {
  /** Default `script`. */
  readonly clientId?: string | undefined
  /** The account; default `marie`. */
  readonly login?: string | undefined
  /** Default `openid offline_access read`. */
  readonly scope?: string | undefined
}

/** What the token endpoint would have answered. */
export interface IssuedLogin {
  readonly accessToken: string
  readonly refreshToken: string
  /** Seconds. */
  readonly expiresIn: number
  readonly scope: string
}

/** Makes a login as the end of a device flow does; each is a family of its own. */
export async function issueLogin(oidc: OidcProvider, options: IssueOptions = {}): Promise<IssuedLogin> {
  const clientId = options.clientId ?? 'script'
  const accountId = options.login ?? 'marie'
  const scope = options.scope ?? 'openid offline_access read'
  const client = await oidc.Client.find(clientId)
  if (client === undefined) throw new Error(`The provider has no client ${clientId}.`)
  const grant = new oidc.Grant({ accountId, clientId })
  grant.addOIDCScope(scope)
  const grantId = await grant.save()
  const common = { client, accountId, grantId, scope, gty: 'device_code' }
  const access = new oidc.AccessToken(common)
  const refresh = new oidc.RefreshToken({ ...common, rotations: 0, iiat: Math.floor(Date.now() / 1000) })
  const accessToken = await access.save()
  return { accessToken, refreshToken: await refresh.save(), expiresIn: access.expiration, scope }
}
