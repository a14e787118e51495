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

/** What a back-end says itself of a login. */
type BackendAsked = Pick<Asked, 'scope' | 'pkce' | 'parameters'>

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

/** The client that can log in by device, since then every way is open; else one that can by browser, under its own name. */
async function chosen(
  there: Backend,
  clientId: string | undefined,
  signal: AbortSignal,
): Promise<[Choice, string | undefined]> {
  try {
    return [await there.choose({ clientId, signal }), clientId]
  } catch (error) {
    if (!isAuthError(error) || error.code !== 'CONFIG_INVALID') throw error
    const byCode = there.choose({ clientId, purpose: 'code', signal })
    const choice = await byCode.catch(() => Promise.reject(error))
    return [choice, choice.client.clientId]
  }
}

/** Nobody knows what a client of one's own is registered with: it is answered on loopback where that was asked for. */
function redirectOf(choice: Choice, { method, ports }: LoginRequest): LoopbackRedirect | false {
  if (choice.client.from !== 'default' && method === 'auto' && ports === undefined) return false
  return backendRedirect(choice, ports)
}

/** A login at the provider of an openEO back-end, with its default client or the configured one. */
export async function backendLogin(there: Backend, request: LoginRequest, context: Context): Promise<Made> {
  assertPlain(request, there.url)
  const { io } = context
  const { account } = request
  const signal = io.interruption()
  const [choice, clientId] = await chosen(there, request.clientId, signal)
  const { provider, client } = choice
  const listed = await there.providers({ signal })
  io.err(`${terminalText(choiceText(there, choice, listed.length - 1))}\n`)
  const whose = account === undefined ? {} : { account }
  const key: LoginKey = { issuer: provider.issuer, clientId: client.clientId, ...whose }
  const store = context.store()
  const before = await store.get(key)
  const came: { client?: Client; set?: TokenSet } = {}
  const login = (asker: Client, { scope, pkce, parameters }: BackendAsked): Grant => {
    const asked = { scope, pkce, parameters, redirect: redirectOf(choice, request) }
    const grant = personGrant(asker, asked, request, context)
    came.client = asker
    return async (how) => (came.set = await grant(how))
  }
  const { id: providerId } = provider
  await within(request.timeoutMs, io, (signal) =>
    there.authenticate({ method: 'device', providerId, clientId, account, login, signal }),
  )
  if (came.client !== undefined) await endReplaced(came.client, before, await store.get(key), context)
  return storedAs(key, came.set, context)
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
