import { AuthError, type DevicePrompt, isAuthError, systemClock } from '@latchkey/core'
import { authConfig, authConfigFile, type OidcClient, refreshTokensFile } from '@latchkey/file-store'
import type { Backend, Choice } from '@latchkey/openeo'
import type { Arguments } from '../args.ts'
import { backendOperand } from '../backend-operand.ts'
import type { Command, Context } from '../command.ts'
import { within } from '../deadline.ts'
import { secondsOption } from '../duration.ts'
import { exitCode } from '../exit-code.ts'
import { type Io, isClosedOutput } from '../io.ts'
import { backendRedirect } from '../login/backend-login.ts'
import { personGrant } from '../login/person-grant.ts'
import { chosenFrom } from '../menu.ts'
import { connected, explain, warn } from '../openeo.ts'
import { pythonRepr } from '../python-words.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'
import { type Waiting, waiting } from '../waiting.ts'

/** What the openEO tool says about where to go; the code stands in it once. */
export function visitText({ verificationUri, verificationUriComplete, userCode }: DevicePrompt): string {
  return verificationUriComplete === undefined
    ? `Visit ${terminalText(verificationUri)} and enter user code ${pythonRepr(userCode)} to authenticate.\n`
    : `Visit ${terminalText(verificationUriComplete)} to authenticate.\n`
}

type Flow = 'device' | 'auth-code'

function flowIn(flow = 'device'): Flow {
  if (flow === 'device' || flow === 'auth-code') return flow
  throw new UsageError('--flow is device or auth-code.')
}

/** How long a person has for the authorization code flow unless something else is said. */
const codeTimeoutMs = 300_000

/** The configured provider: the only one, or the one a person chooses; `undefined` leaves it to the back-end. */
async function configured(
  clients: ReadonlyMap<string, OidcClient>,
  backend: string,
  io: Io,
): Promise<string | undefined> {
  const options = [...clients]
    .map(([id, { issuer }]) => [id, `${id}: issuer ${issuer ?? 'n/a'}`] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
  if (options.length === 0) io.out('Will try to use default provider_id.\n')
  if (options.length <= 1) return options[0]?.[0]
  const title = `Multiple OpenID Connect providers available for backend ${pythonRepr(backend)}`
  return chosenFrom({ title, options, flag: 'provider-id' }, io)
}

interface Wish {
  readonly providerId: string | undefined
  /** Whether it was the person who said so. */
  readonly asked: boolean
  readonly flow: Flow
}

/** Why this provider: the back-end's own choice tells more than that it was asked for, where it comes to the same. */
async function chosen(there: Backend, { providerId, asked, flow }: Wish, io: Io): Promise<Choice> {
  const signal = io.interruption()
  const purpose = flow === 'device' ? 'login' : 'code'
  const choice = asked ? undefined : await there.choose({ purpose, signal })
  const fits = choice !== undefined && (providerId === undefined || choice.provider.id === providerId)
  if (fits) return choice
  try {
    return await there.choose({ providerId, purpose, signal })
  } catch (error) {
    // What was typed is wrong then, as it is in `add-oidc`.
    if (asked && isAuthError(error) && error.message.includes('not available')) throw new UsageError(error.message)
    throw error
  }
}

interface ByDevice {
  readonly providerId: string
  /** Epoch milliseconds; the code may end before. */
  readonly endsAt: number
  readonly signal: AbortSignal
}

/** Logs a person in by device; the session that the library uses stores what comes. */
async function byDevice(there: Backend, { providerId, endsAt, signal }: ByDevice, { io }: Context): Promise<void> {
  let shown: Waiting | undefined
  const prompt = async (device: DevicePrompt): Promise<void> => {
    io.out(visitText(device))
    if (device.verificationUriComplete !== undefined)
      io.err(`The page should show the code ${terminalText(device.userCode)}.\n`)
    shown = await waiting(Math.min(device.expiresAt, endsAt), io)
  }
  try {
    await there.authenticate({ method: 'device', providerId, prompt, signal })
  } finally {
    shown?.end()
  }
}

/** The same with a browser, which comes back to this machine. */
async function byCode(there: Backend, choice: Choice, timeoutMs: number, context: Context): Promise<void> {
  const { provider, client } = choice
  const redirect = backendRedirect(choice)
  if (redirect === false) {
    const text = `Client ${client.clientId} of ${there.url} has no address on this machine to come back to`
    throw new AuthError('UNSUPPORTED', `${text}: leave --flow out, the device flow works in any browser.`)
  }
  const { io } = context
  io.out('a browser window should open allowing you to log in with the identity provider\n')
  io.out(`and grant access to the client ${pythonRepr(client.clientId)} (timeout: ${timeoutMs / 1000}s).\n`)
  const request = { method: 'browser', browser: undefined, timeoutMs } as const
  await within(timeoutMs, io, (signal) =>
    there.authenticate({
      method: 'device',
      providerId: provider.id,
      // The back-end's choice for a login by device may be another one.
      ...(client.from === 'default' && { clientId: client.clientId }),
      login: (asking, asked) => personGrant(asking, { ...asked, redirect }, request, context),
      signal,
    }),
  )
}

/** The Python client takes no default client without `refresh_token` for `authenticate_oidc()`. */
function warnOfTaste({ provider, client }: Choice, io: Io): void {
  const own = provider.defaultClients.find(({ id }) => id === client.clientId)
  if (client.from !== 'default' || own === undefined || own.grantTypes.includes('refresh_token')) return
  const text = `authenticate_oidc() of the openEO Python client does not take client ${pythonRepr(own.id)}, which the back-end lists without refresh_token`
  warn(`${text}: it will not find this login.`, io)
}

/** Says that a refresh token was stored only where one was. */
async function tellStored({ provider, client }: Choice, context: Context): Promise<void> {
  const { io } = context
  const login = await context.store().get({ issuer: provider.issuer, clientId: client.clientId })
  const { path } = refreshTokensFile({ env: io.env })
  if (login?.refreshToken !== undefined) io.out(`Stored refresh token in ${pythonRepr(path)}\n`)
  else warn('No OIDC refresh token to store. The login ends with its access token.', io)
}

const codeFlow = 'OpenID Connect authorization code flow'

export const oidcAuth: Command = {
  usage: 'BACKEND',
  operands: ['BACKEND'],
  prefixes: true,
  flags: {
    'provider-id': {
      value: 'P',
      help: 'Provider ID to use; default: the configured one, or asked for, or that of the back-end.',
    },
    flow: { value: 'FLOW', help: 'OpenID Connect flow to use: device (default) or auth-code.' },
    timeout: { value: 'SECONDS', help: 'How long to wait; default: as long as the code is good, or 300.' },
  },
  about: `Logs a person in at the OpenID provider of an openEO back-end, and stores the refresh token where the openEO Python
client finds it. auth token BACKEND then prints a token. Says why a provider and client were chosen.`,
  examples: '  auth oidc-auth openeo.dataspace.copernicus.eu',
  run: async (args, context) => {
    const done = { is: false }
    try {
      await loggedIn(args, done, context)
    } catch (error) {
      if (!isClosedOutput(error) || done.is) throw error
      throw new AuthError('LOGIN_REQUIRED', 'Nobody was logged in: who reads stdout has gone.')
    }
    return exitCode.done
  },
}

/** @param done told once there is a login */
async function loggedIn(args: Arguments, done: { is: boolean }, context: Context): Promise<void> {
  const { io } = context
  const backend = backendOperand(args, 'auth oidc-auth')
  const timeoutMs = secondsOption(args, 'timeout')
  const flow = flowIn(args.values.get('flow'))
  io.out(`Will do OpenID Connect flow to authenticate with backend ${pythonRepr(backend)}.\n`)
  io.out(`Using config ${pythonRepr(authConfigFile({ env: io.env }).path)}.\n`)
  const clients = await authConfig({ env: io.env }).oidcClients(backend)
  const providerId = args.values.get('provider-id') ?? (await configured(clients, backend, io))
  io.out(`Using provider ID ${pythonRepr(providerId)}.\n`)
  const clientId = providerId === undefined ? undefined : clients.get(providerId)?.clientId
  io.out(clientId === undefined ? 'Will try to use default client.\n' : `Using client ID ${pythonRepr(clientId)}.\n`)
  const there = await connected(backend, context)
  io.out(flow === 'device' ? 'Starting OpenID Connect device flow.\n' : `Starting ${codeFlow}:\n`)
  const choice = await chosen(there, { providerId, asked: args.values.has('provider-id'), flow }, io)
  explain(choice.reasons, io)
  warnOfTaste(choice, io)
  const endsAt = systemClock.now() + (timeoutMs ?? Number.POSITIVE_INFINITY)
  const device = { providerId: choice.provider.id, endsAt }
  if (flow === 'auth-code') await byCode(there, choice, timeoutMs ?? codeTimeoutMs, context)
  else await within(timeoutMs, io, (signal) => byDevice(there, { ...device, signal }, context))
  done.is = true
  io.out(`The ${flow === 'device' ? 'OpenID Connect device flow' : codeFlow} was successful.\n`)
  await tellStored(choice, context)
}
