import type { ListedProvider } from './settings.ts'

const device = 'urn:ietf:params:oauth:grant-type:device_code'
const devicePkce = `${device}+pkce`
const allGrants = ['authorization_code+pkce', devicePkce, 'refresh_token']
const entitlements = ['openid', 'email', 'eduperson_entitlement', 'eduperson_scoped_affiliation']

const platformClient = {
  id: 'openeo-platform-default-client',
  grant_types: allGrants,
  redirect_urls: ['https://editor.openeo.cloud', 'http://localhost:1410/', 'https://editor.openeo.org'],
}

const sentinelHubClient = {
  id: 'sentinel-hub-default-client',
  grant_types: allGrants,
  redirect_urls: ['https://editor.openeo.org', 'http://localhost:5000', 'http://localhost:5000/callback'],
}

const egi: ListedProvider = {
  id: 'egi',
  title: 'EGI Check-in',
  issuer: 'https://aai.egi.eu/auth/realms/egi/',
  scopes: entitlements,
  default_clients: [platformClient],
}

const cdse: ListedProvider = {
  id: 'CDSE',
  title: 'Copernicus Data Space Ecosystem',
  issuer: 'https://identity.dataspace.copernicus.eu/auth/realms/CDSE',
  scopes: ['openid'],
  default_clients: [
    { id: 'sh-b1c3a958-52d4-40fe-a333-153595d1c71e', grant_types: [devicePkce, 'refresh_token'], redirect_urls: [] },
  ],
}

/** One client cannot do what a script needs, the other has no `refresh_token` (openeo-python-client issue 530). */
const google: ListedProvider = {
  id: 'google',
  title: 'Google',
  issuer: 'https://accounts.google.com',
  scopes: ['openid', 'email', 'https://www.googleapis.com/auth/earthengine'],
  default_clients: [
    { id: 'google-web', grant_types: ['implicit'], redirect_urls: ['https://editor.openeo.org'] },
    { id: 'google-device', grant_types: [devicePkce], redirect_urls: [] },
  ],
}

const local = (id: string, more: Partial<ListedProvider>): ListedProvider => ({
  id,
  title: id,
  issuer: `https://${id}.example.org/`,
  ...more,
})

/** What `/credentials/oidc` of real back-ends lists, by a name of ours. */
const real: Readonly<Record<string, readonly ListedProvider[]>> = {
  'openEO Platform': [egi],
  'openEO Platform, both stages': [
    egi,
    { ...egi, id: 'egi-dev', title: 'EGI Check-in (dev)', issuer: 'https://aai-dev.egi.eu/auth/realms/egi/' },
  ],
  'VITO, local': [
    {
      ...egi,
      scopes: ['openid'],
      default_clients: [{ id: 'vito-default-client', grant_types: [devicePkce, 'refresh_token'], redirect_urls: [] }],
    },
  ],
  'Sentinel Hub': [
    { ...egi, default_clients: [sentinelHubClient] },
    {
      ...egi,
      id: 'egi-legacy',
      title: 'EGI Check-in (legacy)',
      issuer: 'https://aai.egi.eu/oidc/',
      default_clients: [sentinelHubClient],
    },
  ],
  CDSE: [cdse],
  'CDSE federation': [cdse, egi],
  'Earth Engine': [google],
  EOEPCA: [
    {
      id: 'EOEPCA',
      title: 'EOEPCA',
      issuer: 'https://iam.eoepca.example.org/realms/eoepca',
      scopes: ['openid', 'profile', 'email'],
      default_clients: [{ id: 'eoepca-default', grant_types: allGrants, redirect_urls: ['http://localhost:1410/'] }],
    },
  ],
}

/** What the API allows and nobody is known to list: the edges of a choice. */
const thinkable: Readonly<Record<string, readonly ListedProvider[]>> = {
  'no scopes, no default clients': [local('bare', {})],
  'no default clients at the first, some at the second': [local('bare', { default_clients: [] }), cdse],
  'grants that nobody knows': [
    local('odd', {
      default_clients: [
        { id: 'odd-one', grant_types: ['magic', device], redirect_urls: [] },
        { id: 'odd-two', grant_types: ['magic', device, 'refresh_token'] },
      ],
    }),
  ],
  'a client that only refreshes before one that logs in': [
    local('split', {
      default_clients: [
        { id: 'refresher', grant_types: ['refresh_token'] },
        { id: 'browser', grant_types: ['authorization_code+pkce', 'refresh_token'] },
        { id: 'plain-device', grant_types: [device] },
        { id: 'whole', grant_types: [devicePkce, 'refresh_token'] },
      ],
    }),
  ],
  'authorization parameters': [{ ...google, authorization_parameters: { access_type: 'offline', prompt: 'consent' } }],
  none: [],
}

/** Documents of `/credentials/oidc`, by a name of ours: of real back-ends, and of thinkable ones. */
export const providerDocuments: Readonly<Record<string, readonly ListedProvider[]>> = { ...real, ...thinkable }
