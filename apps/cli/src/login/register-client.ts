import { AuthError, type Client, type Registration, type RegistrationRequest, register } from '@latchkey/core'
import type { LoopbackRedirect } from '@latchkey/login'
import type { Context } from '../command.ts'
import { checkedSecret, secretIn } from '../given-secret.ts'
import { terminalText } from '../terminal-text.ts'
import type { LoginRequest } from './login-request.ts'
import { redirectUris } from './loopback-address.ts'
import { type KeptClient, registrations } from './registrations.ts'
import { naming } from './scope-for.ts'

// Registered one by one, since some issuers compare ports (INDIGO IAM), and all take one that is registered.
const ownAddress: LoopbackRedirect = { host: '127.0.0.1', ports: [47_011, 47_012, 47_013], path: '/callback' }

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

/** What is asked for: a public client for a person's logins, since a secret on their machine would be none (RFC 8252 section 8.5). */
function wanted(metadata: Readonly<Record<string, unknown>>, scope: string, at: LoopbackRedirect): RegistrationRequest {
  const byCode = typeof metadata['authorization_endpoint'] === 'string'
  const byDevice = typeof metadata['device_authorization_endpoint'] === 'string'
  return {
    clientName: 'auth (Latchkey)',
    grantTypes: [...(byCode ? ['authorization_code'] : []), ...(byDevice ? [deviceGrant] : []), 'refresh_token'],
    scope,
    ...(byCode && { redirectUris: redirectUris(at) }),
    tokenEndpointAuthMethod: 'none',
  }
}

async function initialToken({ registerTokenFile }: LoginRequest, { io }: Context): Promise<string | undefined> {
  if (registerTokenFile !== undefined) return secretIn(registerTokenFile, 'initial access token', io)
  const given = io.env['LATCHKEY_REGISTRATION_TOKEN']
  return given ? checkedSecret(given, 'initial access token', 'LATCHKEY_REGISTRATION_TOKEN') : undefined
}

/** What a person reads of a registration: the client, and each thing that is not as it was asked for. */
function registeredText(issuer: string, { clientId, differences }: Registration): string {
  const lines = differences.map(({ name, asked, given }) => `  ${name}: asked for "${asked}", got "${given}".`)
  return [`Registered a client at ${issuer}: ${clientId}.`, ...lines].map((line) => `${terminalText(line)}\n`).join('')
}

/** The words that were asked for, without those that the issuer says it left out. */
function grantedScope(asked: string, given: unknown): string {
  if (typeof given !== 'string') return asked
  const words = given.split(' ')
  return asked
    .split(' ')
    .filter((word) => !naming.includes(word) || words.includes(word))
    .join(' ')
}

/**
 * Registers a client at an issuer (RFC 7591) and keeps it, or gives the one that is kept.
 *
 * @param scope what its logins will ask for
 * @throws `UNSUPPORTED`, `CONFIG_INVALID` when the issuer registers nobody, or not like this
 */
export async function registeredClient(
  client: Client,
  {
    request,
    scope,
    at,
  }: { readonly request: LoginRequest; readonly scope: string; readonly at: LoopbackRedirect | undefined },
  context: Context,
): Promise<KeptClient> {
  const { io, fetch } = context
  const { issuer } = client
  const kept = registrations({ env: io.env })
  const before = await kept.get(issuer)
  if (before !== undefined) {
    io.err(`${terminalText(`Using client ${before.clientId}, registered at ${issuer} before.`)}\n`)
    return before
  }
  const signal = io.interruption()
  const address = { ...ownAddress, ...at, ...(request.ports !== undefined && { ports: request.ports }) }
  const asked = wanted(await client.metadata({ signal }), scope, address)
  const initialAccessToken = await initialToken(request, context)
  const made = await register({ issuer, fetch }, asked, { initialAccessToken, signal })
  const uris = made.metadata['redirect_uris']
  const given = Array.isArray(uris) ? uris.filter((uri) => typeof uri === 'string') : asked.redirectUris
  const { clientId, clientSecret, registrationToken, registrationUri } = made
  const granted = grantedScope(scope, made.metadata['scope'])
  const whole = {
    clientId,
    clientSecret,
    registrationToken,
    registrationUri,
    scope: granted,
    redirectUris: given ?? [],
  }
  const own: KeptClient = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)) as never
  await stored(own, issuer, kept)
  io.err(registeredText(issuer, made))
  return own
}

/** What is told once must not be lost without a word. */
async function stored(client: KeptClient, issuer: string, kept: ReturnType<typeof registrations>): Promise<void> {
  try {
    await kept.set(issuer, client)
  } catch (error) {
    const text = `Client ${client.clientId} was registered at ${issuer}, but could not be kept`
    throw new AuthError('STORE_WRITE', `${text}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
