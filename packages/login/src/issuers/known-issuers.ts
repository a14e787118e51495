import type { KnownIssuer } from './known-issuer.ts'

/** What a login asks for where nothing else is known: without `offline_access` it lasts as long as a browser session at most. */
export const defaultScope = 'openid offline_access'

const egi = 'https://aai.egi.eu/auth/realms/egi'
const egiScope = 'openid email eduperson_entitlement eduperson_scoped_affiliation offline_access'

// INDIGO IAM compares ports; these are the ones that oidc-agent registers, so that its clients can be used.
const agentRedirect = { host: 'localhost', ports: [4242, 8080, 47947], path: '' } as const

const iamNotes =
  'Clients are registered at the instance itself, by hand or by dynamic registration. Access tokens have an audience only if one is asked for.'

/** The issuers that people ask for by name. */
export const knownIssuers: readonly KnownIssuer[] = [
  {
    name: 'apex',
    title: 'ESA APEx',
    issuer: 'https://auth.apex.esa.int/realms/apex',
    scope: defaultScope,
    pkce: true,
    redirect: false,
    notes:
      'Client ids come from APEx support, one for each project (PROJECT-catalogue-prod). People sign in through ESA or EGI.',
  },
  {
    name: 'cdse',
    title: 'Copernicus Data Space Ecosystem',
    issuer: 'https://identity.dataspace.copernicus.eu/auth/realms/CDSE',
    clientId: 'sh-b1c3a958-52d4-40fe-a333-153595d1c71e',
    scope: defaultScope,
    pkce: true,
    redirect: false,
    notes: 'The client is the one that its openEO back-end offers to everybody; it is known to work by device.',
  },
  {
    name: 'egi',
    title: 'EGI Check-in',
    issuer: egi,
    scope: defaultScope,
    pkce: true,
    notes: 'With a client of your own, registered with EGI. A refresh may bring no new refresh token.',
  },
  {
    name: 'egi-dev',
    title: 'EGI Check-in (development)',
    issuer: 'https://aai-dev.egi.eu/auth/realms/egi',
    scope: defaultScope,
    pkce: true,
    notes: 'With a client of your own, registered with EGI.',
  },
  {
    name: 'openeo-platform',
    title: 'openEO Platform, through EGI Check-in',
    issuer: egi,
    clientId: 'openeo-platform-default-client',
    scope: egiScope,
    pkce: true,
    redirect: { host: 'localhost', ports: [1410], path: '/' },
  },
  {
    name: 'openeo-vito',
    title: 'openEO at VITO, through EGI Check-in',
    issuer: egi,
    clientId: 'vito-default-client',
    scope: defaultScope,
    pkce: true,
    redirect: false,
  },
  {
    name: 'sentinel-hub',
    title: 'openEO at Sentinel Hub, through EGI Check-in',
    issuer: egi,
    clientId: 'sentinel-hub-default-client',
    scope: egiScope,
    pkce: true,
    redirect: { host: 'localhost', ports: [5000], path: '/callback' },
  },
  {
    name: 'terrascope',
    title: 'Terrascope',
    issuer: 'https://sso.terrascope.be/auth/realms/terrascope',
    scope: defaultScope,
    pkce: true,
    notes: 'With a client of your own: no client for everybody is known.',
  },
  {
    name: 'provena',
    title: 'A Provena realm, for scripts that keep their login',
    address: 'https://auth.DOMAIN/auth/realms/REALM',
    clientId: 'automated-access',
    scope: defaultScope,
    pkce: false,
    redirect: false,
    notes: 'Keycloak 16: by device alone. Access tokens live 5 minutes, an unused login 30 days.',
  },
  {
    name: 'provena-tools',
    title: 'A Provena realm, for a day of work',
    address: 'https://auth.DOMAIN/auth/realms/REALM',
    clientId: 'client-tools',
    scope: 'openid',
    pkce: false,
    redirect: false,
    notes: 'Keycloak 16: by device alone. A login ends after 30 minutes without use.',
  },
  {
    name: 'iam',
    title: 'An INDIGO IAM instance',
    address: 'https://HOST',
    scope: defaultScope,
    audience: 'joined',
    pkce: true,
    redirect: agentRedirect,
    notes: iamNotes,
  },
  {
    name: 'wlcg',
    title: 'An INDIGO IAM instance with tokens for WLCG',
    address: 'https://HOST',
    scope: 'openid offline_access wlcg',
    audience: 'joined',
    pkce: true,
    redirect: agentRedirect,
    notes: `${iamNotes} Storage scopes need a path, and narrow only from the root: storage.read:/`,
  },
  {
    name: 'opencloud',
    title: 'An OpenCloud server',
    address: 'https://SERVER',
    clientId: 'OpenCloudDesktop',
    scope: 'openid profile email offline_access',
    pkce: true,
    redirect: {},
    notes:
      'With the client of its desktop program, the only one for programs; it asks for consent each time. By browser alone.',
  },
  {
    name: 'ocis',
    title: 'An ownCloud Infinite Scale server',
    address: 'https://SERVER',
    clientId: 'xdXOt13JKxym1B1QcEncf2XDkLAexMBFwiT9j6EfhhHFJhs2KM9jbjTmf8JBXE69',
    clientSecret: 'UBntmLjC2yYCeHwsyj73Uwo9TAaecAetRwMw0xYcvNL9yRdLSUi0hUAHfvCHFeFh',
    scope: 'openid profile email offline_access',
    pkce: true,
    redirect: { path: '' },
    notes: 'With the client of its desktop program, whose secret is published. By browser alone.',
  },
  {
    name: 'google',
    title: 'Google',
    issuer: 'https://accounts.google.com',
    scope: 'openid email',
    pkce: true,
    notes: 'With a client of your own. The default client of openEO back-ends brings no refresh token.',
  },
]
