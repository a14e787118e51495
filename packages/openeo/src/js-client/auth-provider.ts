import { isAuthError } from '@latchkey/core'
import { AuthProvider, type Connection } from '@openeo/js-client'
import { authenticate } from '../authenticate.ts'
import { adopt, authenticationOf, forget } from './authenticated.ts'
import { connectionOf } from './connection-of.ts'
import type { WithAuthOptions } from './options.ts'

/** What a provider is called, and which kind it is. */
export interface ProviderMeta {
  readonly type: 'oidc' | 'basic'
  /** `null` for `basic`. */
  readonly id: string | null
  readonly title: string
  readonly description: string
}

/** What a login may be given on top of what the provider was made with. */
export type LoginOptions = Partial<WithAuthOptions>

const methods = ['login', 'resume', 'logout', 'setToken'] as const

/**
 * A provider as js-client has them, an instance of its own class: `login` logs a person in now, `resume` takes the stored
 * login and says whether there is one, `logout` ends it at the issuer and removes it from the store, `setToken` sends a
 * token of the caller's as it is, without renewal.
 */
export function authProvider(connection: Connection, meta: ProviderMeta, options: LoginOptions): AuthProvider {
  const { type, ...rest } = meta
  const provider = new AuthProvider(type, connection, rest)
  const enter = async (how: WithAuthOptions): Promise<void> =>
    adopt(connection, provider, await authenticate(connectionOf(connection, how), how))
  const own: Readonly<Record<(typeof methods)[number], (...values: never[]) => unknown>> = {
    login: async (more?: LoginOptions) => enter({ method: 'device', ...options, ...more } as WithAuthOptions),
    resume: async (more?: LoginOptions) => {
      if (type === 'basic') return false
      try {
        await enter({ ...options, ...more, method: 'refresh_token' })
        return true
      } catch (error) {
        if (isAuthError(error) && error.code === 'LOGIN_REQUIRED') return false
        throw error
      }
    },
    logout: async () => {
      const { session } = authenticationOf(provider) ?? {}
      try {
        await session?.logout()
      } finally {
        provider.setToken(null)
      }
    },
    setToken: (token: string | null) => forget(connection, provider, token),
  }
  for (const name of methods) {
    Object.defineProperty(provider, name, { value: own[name], writable: true, configurable: true })
  }
  return provider
}
