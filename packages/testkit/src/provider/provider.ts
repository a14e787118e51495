import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type OidcProvider from 'oidc-provider'
import type { ClientMetadata } from 'oidc-provider'
import { listen } from '../listen.ts'
import { type ApproveOptions, approveDevice } from './approve.ts'
import { type AskedLogin, answerAsked } from './ciba.ts'
import { type ClientSecrets, clients } from './clients.ts'
import { configuration, type ProviderFeatures, type ProviderSettings } from './configuration.ts'
import { interaction } from './interaction.ts'
import { type IssuedLogin, type IssueOptions, issueLogin } from './issue-login.ts'
import { type SentBack, signIn } from './sign-in.ts'
import { type ProviderStats, watch } from './stats.ts'
import { type Storage, storage } from './storage.ts'
import { addTokenExchange } from './token-exchange.ts'

/** What a provider is started with, on top of {@link ProviderSettings}. */
export interface ProviderOptions extends Partial<ProviderSettings>, ProviderFeatures {
  /** A path in the issuer, as Keycloak has it: `/realms/x`. Default none. */
  readonly path?: string | undefined
  /** More clients. */
  readonly clients?: readonly ClientMetadata[] | undefined
  /** APIs by their URI, each with the scopes it knows (RFC 8707). */
  readonly resources?: Readonly<Record<string, string>> | undefined
  /** When a refresh token is given; default with the scope `offline_access`. */
  readonly refreshTokens?: 'offline_access' | 'always' | 'never' | undefined
  /** DPoP proofs must carry a nonce (RFC 9449 section 8). Default false. */
  readonly dpopNonce?: boolean | undefined
}

/** What is known about a live access token. */
export interface VerifiedToken {
  readonly clientId: string
  /** Absent for client credentials. */
  readonly login?: string | undefined
  readonly scope: string
  readonly audience?: string | undefined
  /** Thumbprint of the key the token is bound to (RFC 9449). */
  readonly jkt?: string | undefined
}

/** A running OpenID provider. */
export interface Provider extends ClientSecrets {
  readonly issuer: string
  /** May be changed while it runs. */
  readonly settings: ProviderSettings
  readonly stats: ProviderStats
  /** Approves (or denies) a device login as a person would, through the pages. */
  approve(device: string | { readonly user_code: string }, options?: ApproveOptions): Promise<void>
  /** Signs in and agrees (or refuses) at an authorization address as a person would, through the pages; gives where the browser is sent in the end. */
  signIn(address: string, options?: ApproveOptions): Promise<SentBack>
  /** Agrees (or refuses) as the person who was asked the longest ago to log in on their own device (CIBA). */
  answerAsked(options?: Pick<ApproveOptions, 'deny'>): Promise<void>
  /** A login made without its flow, for tests of what comes after one. */
  issue(options?: IssueOptions): Promise<IssuedLogin>
  /** What an access token stands for; `undefined` when it is unknown, revoked or expired, to the millisecond. */
  verify(accessToken: string): VerifiedToken | undefined
  /** Withdraws an access token before its time. */
  withdraw(accessToken: string): void
  close(): Promise<void>
}

const defaults: ProviderSettings = {
  accessTokenTtl: 2,
  refreshTokenTtl: 14 * 86_400,
  tokenDelay: 0,
  rotate: true,
  loseAnswers: 0,
}

/** RFC 8414 section 3.1 puts the well-known part in front of the issuer's path; oidc-provider knows it behind only. */
function stripPrefix(url: string, prefix: string): string | undefined {
  const wellKnown = '/.well-known/oauth-authorization-server'
  if (prefix !== '' && url === wellKnown + prefix) return wellKnown
  return url.startsWith(prefix) ? url.slice(prefix.length) || '/' : undefined
}

function handler(oidc: OidcProvider, prefix: string, stats: ProviderStats): RequestListener {
  const inner = oidc.callback()
  const onInteraction = (request: IncomingMessage, response: ServerResponse): void => {
    interaction(oidc, request, response).catch((error: unknown) => {
      stats.serverErrors.push(String(error))
      response.writeHead(400).end()
    })
  }
  return (request, response) => {
    const original = request.url ?? '/'
    const url = stripPrefix(original, prefix)
    if (url === undefined) return void response.writeHead(404).end()
    if (url.startsWith('/interaction/')) return onInteraction(request, response)
    if (prefix !== '') Object.assign(request, { url, originalUrl: original })
    // Koa answers whatever happens inside; its promise has nothing to say.
    return void inner(request, response)
  }
}

/** Devices may ask every second, where RFC 8628 section 3.2 has five without a word: tests wait for real ones. */
function hurryDevices(oidc: OidcProvider): void {
  oidc.use(async (ctx, next) => {
    await next()
    const body: unknown = ctx.body
    if (ctx.path === '/device/auth' && typeof body === 'object' && body !== null && 'device_code' in body) {
      ctx.body = { ...body, interval: 1 }
    }
  })
}

/** Answers of the token endpoint that come late or never: the exchange behind them is done all the same. */
function hinderAnswers(oidc: OidcProvider, settings: ProviderSettings): void {
  oidc.use(async (ctx, next) => {
    const started = performance.now()
    await next()
    if (ctx.path !== '/token') return
    if (settings.tokenDelay > 0) await delay(Math.max(0, settings.tokenDelay - (performance.now() - started)))
    if (settings.loseAnswers > 0) {
      settings.loseAnswers--
      ctx.req.socket.destroy()
    }
  })
}

function verified(kept: Storage, accessToken: string): VerifiedToken | undefined {
  const token = kept.live('AccessToken', accessToken) ?? kept.live('ClientCredentials', accessToken)
  if (token === undefined) return undefined
  const audience = Array.isArray(token.aud) ? token.aud[0] : token.aud
  return { clientId: token.clientId ?? '', login: token.accountId, scope: token.scope ?? '', audience, jkt: token.jkt }
}

/**
 * An embedded OpenID provider on loopback: device flow, code with PKCE, refresh with rotation and reuse detection,
 * client credentials, token exchange, CIBA, DPoP, PAR, signed requests, revocation, introspection, registration, resource indicators. Prints nothing.
 */
export async function provider(options: ProviderOptions = {}): Promise<Provider> {
  const { Provider: Oidc, errors } = await import('oidc-provider')
  const settings: ProviderSettings = { ...defaults }
  for (const name of Object.keys(defaults) as (keyof ProviderSettings)[]) {
    if (options[name] !== undefined) Object.assign(settings, { [name]: options[name] })
  }
  const prefix = options.path ?? ''
  const known = clients()
  const kept = storage()
  const asked: AskedLogin[] = []
  const started: { oidc?: OidcProvider; stats?: ProviderStats } = {}
  const server = await listen((origin) => {
    const oidc = new Oidc(
      origin + prefix,
      configuration({
        settings,
        storage: kept,
        clients: [...known.metadata, ...(options.clients ?? [])],
        resources: options.resources ?? {},
        refreshTokens: options.refreshTokens ?? 'offline_access',
        dpopNonce: options.dpopNonce ?? false,
        wanted: options,
        asked,
        prefix,
        InvalidTarget: errors.InvalidTarget,
      }),
    )
    oidc.silent = true
    addTokenExchange(oidc, errors)
    hinderAnswers(oidc, settings)
    hurryDevices(oidc)
    started.oidc = oidc
    started.stats = watch(oidc)
    return handler(oidc, prefix, started.stats)
  })
  const { oidc, stats } = started as Required<typeof started>
  const issuer = server.origin + prefix

  return {
    ...known.secrets,
    issuer,
    settings,
    stats,
    approve: (device, how) =>
      approveDevice(`${issuer}/device`, typeof device === 'string' ? device : device.user_code, how),
    signIn,
    answerAsked: (how) => answerAsked(oidc, asked, new errors.AccessDenied('The person refused.'), how),
    issue: (how) => issueLogin(oidc, how),
    verify: (accessToken) => verified(kept, accessToken),
    withdraw: (accessToken) => {
      kept.forget('AccessToken', accessToken)
      kept.forget('ClientCredentials', accessToken)
    },
    close: server.close,
  }
}
