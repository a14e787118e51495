import { type Client, type Grant, isAuthError, type LoginKey, type TokenSet } from '@latchkey/core'
import type { LoopbackRedirect } from '@latchkey/login'
import type { Backend, Choice } from '@latchkey/openeo'
import type { Context } from '../command.ts'
import { within } from '../deadline.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'
import type { LoginRequest } from './login-request.ts'
import { loopbackAddress } from './loopback-address.ts'
import { type Made, storedAs } from './made.ts'
import { type Asked, personGrant } from './person-grant.ts'
import { endReplaced } from './replaced.ts'

/** Where the client of a back-end may be answered: a default client where it is listed, one's own as the openEO client has it. */
export function backendRedirect({ provider, client }: Choice, ports?: readonly number[]): LoopbackRedirect | false {
  if (client.from !== 'default') return { host: 'localhost', path: '/callback', ...(ports !== undefined && { ports }) }
  const listed = provider.defaultClients.find(({ id }) => id === client.clientId)
  if (listed === undefined || !listed.grantTypes.includes('authorization_code+pkce')) return false
  const known = loopbackAddress(listed.redirectUrls)
  return known === false || ports === undefined ? known : { ...known, ports }
}

function choiceText(there: Backend, { provider, client }: Choice, others: number): string {
  const more = others === 0 ? '' : ` Its other providers: auth oidc-auth ${there.url} --provider-id ID.`
  return `${there.url} is an openEO back-end: provider ${provider.id} (${provider.issuer}), client ${client.clientId}.${more}`
}

/** What a login at an issuer may be told and that of a back-end may not: the back-end says it. */
function assertPlain({ register, scope, audience, secretFile, pkce, stores }: LoginRequest, url: string): void {
  const given = { register, scope, audience, 'client-secret-file': secretFile, pkce, 'no-store': !stores }
  const wrong = Object.entries(given).find(([, value]) => value !== undefined && value !== false)
  if (wrong === undefined) return
  throw new UsageError(
    `--${wrong[0]} is for an issuer, and ${url} is an openEO back-end, which says itself what a login asks for.`,
  )
}

/** A login at the provider of an openEO back-end, with its default client or the configured one. */
export async function backendLogin(there: Backend, request: LoginRequest, context: Context): Promise<Made> {
  assertPlain(request, there.url)
  const { io } = context
  const { account, clientId } = request
  const signal = io.interruption()
  const choice = await there.choose({ clientId, signal })
  const { provider } = choice
  const listed = await there.providers({ signal })
  io.err(`${terminalText(choiceText(there, choice, listed.length - 1))}\n`)
  const key: LoginKey = {
    issuer: provider.issuer,
    clientId: choice.client.clientId,
    ...(account !== undefined && { account }),
  }
  const store = context.store()
  const before = await store.get(key)
  let set: TokenSet | undefined
  let asking: Client | undefined
  const login = (client: Client, { scope, pkce, parameters }: Pick<Asked, 'scope' | 'pkce' | 'parameters'>): Grant => {
    asking = client
    const grant = personGrant(
      client,
      { scope, pkce, parameters, redirect: backendRedirect(choice, request.ports) },
      request,
      context,
    )
    return async (how) => (set = await grant(how))
  }
  await within(request.timeoutMs, io, (within) =>
    there.authenticate({ method: 'device', providerId: provider.id, clientId, account, login, signal: within }),
  )
  if (asking !== undefined) await endReplaced(asking, before, await store.get(key), context)
  return storedAs(key, set, context)
}

/** The back-end at an address where no issuer answered; `undefined` where there is none either. */
export async function backendAt(typed: string, context: Context): Promise<Backend | undefined> {
  const { connected } = await import('../openeo.ts')
  try {
    return await connected(typed, context)
  } catch (error) {
    if (isAuthError(error) && error.code !== 'ABORTED') return undefined
    throw error
  }
}
