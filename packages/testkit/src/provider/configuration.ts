import { randomBytes } from 'node:crypto'
import type { ClientMetadata, Configuration, errors as Errors, KoaContextWithOIDC } from 'oidc-provider'
import { type AskedLogin, cibaFeature } from './ciba.ts'
import { signingKey } from './clients.ts'
import { escapeHtml, page } from './pages.ts'
import type { Storage } from './storage.ts'

/** What a running provider may be told to do otherwise; read anew for every request. */
export interface ProviderSettings {
  /** Seconds; default 2. */
  accessTokenTtl: number
  /** Seconds; default 14 days. */
  refreshTokenTtl: number
  /** Milliseconds before the token endpoint's answer leaves; the exchange itself is done at once. Default 0. */
  tokenDelay: number
  /** A new refresh token with each refresh; using an old one again ends the login. Default true. */
  rotate: boolean
  /** So many answers of the token endpoint are lost on the way: done, then the connection is reset. Default 0. */
  loseAnswers: number
}

/** What a provider may be strict about, or able to do. */
export interface ProviderFeatures {
  /** Logins only by requests pushed first (RFC 9126). Default false: taken, not required. */
  readonly pushedRequests?: boolean | undefined
  /** Logins only by signed requests (RFC 9101). Default false: taken, not required. */
  readonly signedRequests?: boolean | undefined
  /** Access tokens for a resource are JWTs (RFC 9068). Default false. */
  readonly jwtAccessTokens?: boolean | undefined
}

/** Everything the configuration is built from. */
export interface ConfigurationInput {
  readonly settings: ProviderSettings
  readonly storage: Storage
  readonly clients: readonly ClientMetadata[]
  readonly resources: Readonly<Record<string, string>>
  readonly refreshTokens: 'offline_access' | 'always' | 'never'
  readonly dpopNonce: boolean
  readonly wanted: ProviderFeatures
  readonly asked: AskedLogin[]
  readonly prefix: string
  readonly InvalidTarget: typeof Errors.InvalidTarget
}

type Features = NonNullable<Configuration['features']>

function deviceFlow(): Features['deviceFlow'] {
  return {
    enabled: true,
    mask: '****-****',
    userCodeInputSource: async (ctx, form, out, error) => {
      const complaint = error === undefined ? '' : `<p>${escapeHtml(error.message || String(out?.error))}</p>`
      ctx.body = page('Enter the code', `${complaint}${form}<button form="op.deviceInputForm">Continue</button>`)
    },
    userCodeConfirmSource: async (ctx, form, client, ...[, userCode]) => {
      const abort = '<button form="op.deviceConfirmForm" name="abort" value="yes">Refuse</button>'
      ctx.body = page(
        'Confirm the device',
        `<p><strong>${escapeHtml(client.clientName ?? client.clientId)}</strong> shows this code:</p>
<p><code>${escapeHtml(userCode)}</code></p>${form}<button form="op.deviceConfirmForm">Continue</button>${abort}`,
      )
    },
    successSource: async (ctx) => {
      ctx.body = page('Signed in', '<p>You may close this page.</p>')
    },
  }
}

function logout(): Features['rpInitiatedLogout'] {
  return {
    enabled: true,
    logoutSource: async (ctx, form) => {
      const button = '<button form="op.logoutForm" name="logout" value="yes">Sign out</button>'
      ctx.body = page('Sign out?', `${form}${button}`)
    },
    postLogoutSuccessSource: async (ctx) => {
      ctx.body = page('Signed out', '<p>You may close this page.</p>')
    },
  }
}

function resourceIndicators(input: ConfigurationInput): Features['resourceIndicators'] {
  return {
    enabled: true,
    defaultResource: () => [],
    useGrantedResource: () => true,
    getResourceServerInfo: (_ctx, resource) => {
      const scope = input.resources[resource]
      if (scope === undefined) throw new input.InvalidTarget()
      return { scope, audience: resource, accessTokenFormat: input.wanted.jwtAccessTokens ? 'jwt' : 'opaque' }
    },
  }
}

function features(input: ConfigurationInput): Features {
  return {
    devInteractions: { enabled: false },
    deviceFlow: deviceFlow(),
    ciba: cibaFeature(input.asked),
    clientCredentials: { enabled: true },
    revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
    introspection: { enabled: true, allowedPolicy: () => true },
    registration: { enabled: true },
    registrationManagement: { enabled: true },
    resourceIndicators: resourceIndicators(input),
    dPoP: {
      enabled: true,
      ...(input.dpopNonce ? { nonceSecret: randomBytes(32), requireNonce: () => true } : {}),
    },
    rpInitiatedLogout: logout(),
    jwtUserinfo: { enabled: true },
    pushedAuthorizationRequests: {
      enabled: true,
      requirePushedAuthorizationRequests: input.wanted.pushedRequests ?? false,
    },
    requestObjects: { enabled: true, requireSignedRequestObject: input.wanted.signedRequests ?? false },
  }
}

const day = 86_400

/** oidc-provider's configuration with an answer of ours wherever its own default would print a warning. */
export function configuration(input: ConfigurationInput): Configuration {
  const { settings } = input
  return {
    adapter: input.storage.adapter,
    clients: [...input.clients],
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [signingKey('issuer-key')] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: ['openid', 'offline_access', 'profile', 'email', 'read', 'write'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    features: features(input),
    interactions: { url: (_ctx, { uid }) => `${input.prefix}/interaction/${uid}` },
    pkce: { required: () => true },
    rotateRefreshToken: () => settings.rotate,
    issueRefreshToken: async (_ctx: KoaContextWithOIDC, client, code) =>
      input.refreshTokens !== 'never' &&
      client.grantTypeAllowed('refresh_token') &&
      (input.refreshTokens === 'always' || code.scopes.has('offline_access')),
    expiresWithSession: async () => false,
    findAccount: (_ctx, login) => ({
      accountId: login,
      claims: async () => ({ sub: login, name: login, email: `${login}@example.org` }),
    }),
    clientBasedCORS: () => false,
    renderError: (ctx, out) => {
      ctx.type = 'html'
      ctx.body = page(out.error, `<p>${escapeHtml(out.error_description ?? '')}</p>`)
    },
    ttl: {
      AccessToken: () => settings.accessTokenTtl,
      ClientCredentials: () => settings.accessTokenTtl,
      RefreshToken: () => settings.refreshTokenTtl,
      DeviceCode: () => 600,
      BackchannelAuthenticationRequest: () => 600,
      IdToken: () => 3600,
      Interaction: () => 3600,
      Session: () => day,
      Grant: () => 14 * day,
    },
  }
}
