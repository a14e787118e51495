import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Backend, type ConnectOptions, connect } from '@latchkey/openeo'
import {
  type ListedProvider,
  type OpeneoBackend,
  type OpeneoOptions,
  openeoBackend,
  type Provider,
  type ProviderOptions,
  provider,
} from '@latchkey/testkit'
import { onTestFinished } from 'vitest'

export const device = 'urn:ietf:params:oauth:grant-type:device_code'

/** An empty home of this test's own; no file of the machine is found from it. */
export function home(): NodeJS.ProcessEnv & { readonly HOME: string } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'latchkey-openeo-')))
  onTestFinished(() => {
    chmodSync(path, 0o700)
    rmSync(path, { recursive: true, force: true })
  })
  return { HOME: path, OPENEO_CONFIG_HOME: join(path, 'openeo') }
}

/** A provider as a back-end lists it: one default client that can do everything. */
export const listed = (issuer: string, more: Partial<ListedProvider> = {}): ListedProvider => ({
  id: 'egi',
  issuer: `${issuer}/`,
  title: 'EGI Check-in',
  scopes: ['openid', 'email', 'unheard-of'],
  default_clients: [{ id: 'script', grant_types: [`${device}+pkce`, 'refresh_token'], redirect_urls: [] }],
  ...more,
})

/** A back-end, the issuer of its one provider, and a home. */
export interface World {
  readonly issuer: Provider
  readonly backend: OpeneoBackend
  readonly env: Readonly<Record<string, string | undefined>> & { readonly HOME: string }
  connect(options?: ConnectOptions): Promise<Backend>
}

/** What a world is made with. */
export interface WorldOptions {
  readonly issuer?: ProviderOptions | undefined
  readonly backend?: OpeneoOptions | undefined
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly provider?: Partial<ListedProvider> | undefined
}

export async function world(options: WorldOptions = {}): Promise<World> {
  const issuer = await provider({ accessTokenTtl: 60, ...options.issuer })
  onTestFinished(() => issuer.close())
  const verify: OpeneoOptions['verify'] = (token) => issuer.verify(token)
  const providers = [listed(issuer.issuer, options.provider)]
  const backend = await openeoBackend({ providers, verify, ...options.backend })
  onTestFinished(() => backend.close())
  const env = { ...home(), ...options.env }
  return { issuer, backend, env, connect: (more) => connect(backend.url, { env, ...more }) }
}
