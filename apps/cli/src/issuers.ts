/** An issuer that people ask for by name. */
export interface KnownIssuer {
  readonly name: string
  readonly title: string
  readonly issuer: string
  /** A public client that its documentation gives everybody; without one, ask the operator for an id. */
  readonly clientId?: string
  readonly scope: string
  /** Whether device logins of public clients send a proof key (RFC 7636). */
  readonly pkce: boolean
}

/** Words without which a login lasts as long as a browser session at most. */
export const defaultScope = 'openid offline_access'

/** Data, not code: a new provider is a row. */
export const knownIssuers: readonly KnownIssuer[] = [
  {
    name: 'apex',
    title: 'ESA APEx (client ids come from APEx support)',
    issuer: 'https://auth.apex.esa.int/realms/apex',
    scope: defaultScope,
    pkce: true,
  },
  {
    name: 'cdse',
    title: 'Copernicus Data Space Ecosystem',
    issuer: 'https://identity.dataspace.copernicus.eu/auth/realms/CDSE',
    clientId: 'sh-b1c3a958-52d4-40fe-a333-153595d1c71e',
    scope: defaultScope,
    pkce: true,
  },
  {
    name: 'egi',
    title: 'EGI Check-in (with a client of your own)',
    issuer: 'https://aai.egi.eu/auth/realms/egi',
    scope: defaultScope,
    pkce: true,
  },
  {
    name: 'openeo-platform',
    title: 'openEO Platform, through EGI Check-in',
    issuer: 'https://aai.egi.eu/auth/realms/egi',
    clientId: 'openeo-platform-default-client',
    scope: 'openid email eduperson_entitlement eduperson_scoped_affiliation offline_access',
    pkce: true,
  },
  {
    name: 'terrascope',
    title: 'Terrascope (with a client of your own)',
    issuer: 'https://sso.terrascope.be/auth/realms/terrascope',
    scope: defaultScope,
    pkce: true,
  },
]
