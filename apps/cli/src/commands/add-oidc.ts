import { AuthError } from '@latchkey/core'
import { authConfig, authConfigFile, type OidcClient } from '@latchkey/file-store'
import type { OidcProvider } from '@latchkey/openeo'
import { knownBackends } from '@latchkey/openeo/known-backends'
import type { Arguments } from '../args.ts'
import { backendOperand } from '../backend-operand.ts'
import { environmentSecret } from '../client-secret.ts'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { secretIn } from '../given-secret.ts'
import type { Io } from '../io.ts'
import { chosenFrom } from '../menu.ts'
import { connected, warn } from '../openeo.ts'
import { answerTo, secretAnswerTo } from '../prompt.ts'
import { pythonList, pythonRepr } from '../python-words.ts'
import { UsageError } from '../usage-error.ts'

/** The provider that was named, the only one, or the one a person chooses. */
async function providerOf(
  providers: readonly OidcProvider[],
  given: string | undefined,
  backend: string,
  io: Io,
): Promise<OidcProvider> {
  const [only, ...others] = providers
  if (only === undefined)
    throw new AuthError('UNSUPPORTED', `No OpenID Connect providers listed by backend ${pythonRepr(backend)}.`)
  const id = given ?? (others.length === 0 ? only.id : await askedFor(providers, backend, io))
  const found = providers.find((provider) => provider.id === id)
  if (found !== undefined) return found
  const ids = pythonList(providers.map((provider) => provider.id))
  throw new UsageError(`Invalid provider ID ${pythonRepr(id)}. Should be one of ${ids}.`)
}

function askedFor(providers: readonly OidcProvider[], backend: string, io: Io): Promise<string> {
  const options = providers.map(({ id, title, issuer }) => [id, `${title} (issuer ${issuer})`] as const)
  const title = `Backend ${pythonRepr(backend)} has multiple OpenID Connect providers.`
  return chosenFrom({ title, options, flag: 'provider-id' }, io)
}

/** The client to store: nothing for a default client of the back-end. */
async function clientOf(args: Arguments, provider: OidcProvider, io: Io): Promise<OidcClient> {
  const hasDefault = provider.defaultClients.length > 0
  if (args.switches.get('use-default-client')) {
    if (!hasDefault) warn(`No default clients declared for provider ${pythonRepr(provider.id)}`, io)
    return {}
  }
  const clientId = args.values.get('client-id') ?? (await askedClientId(hasDefault, io))
  io.out(`Using client ID ${pythonRepr(clientId)}\n`)
  if (clientId === undefined) {
    if (!hasDefault) warn('Given client ID was empty.', io)
    return {}
  }
  return { clientId, clientSecret: await secretOf(args, { issuer: provider.issuer, clientId }, io) }
}

async function askedClientId(hasDefault: boolean, io: Io): Promise<string | undefined> {
  const orDefault = hasDefault ? ' or leave empty to use default client, and' : ' and'
  const answer = await answerTo(`Enter client_id${orDefault} press enter: `, io)
  if (answer !== undefined) return answer.trim() || undefined
  throw new UsageError(`No client ID was given: add --client-id ID${hasDefault ? ' or --use-default-client' : ''}.`)
}

async function secretOf(
  { values, switches }: Arguments,
  key: { readonly issuer: string; readonly clientId: string },
  io: Io,
): Promise<string | undefined> {
  if (switches.get('no-client-secret')) return undefined
  const file = values.get('client-secret-file')
  const given = file === undefined ? environmentSecret(key, io) : await secretIn(file, 'client secret', io)
  if (given !== undefined) return given
  const question = 'Enter client_secret or leave empty to not use a secret, and press enter: '
  const answer = await secretAnswerTo(question, io)
  if (answer !== undefined) return answer || undefined
  throw new UsageError(
    'No client secret was given: add --client-secret-file FILE, set LATCHKEY_CLIENT_SECRET, or say --no-client-secret.',
  )
}

export const addOidc: Command = {
  usage: 'BACKEND',
  operands: ['BACKEND'],
  prefixes: true,
  flags: {
    'provider-id': { value: 'P', help: 'Provider ID to use; default: the only one, or asked for.' },
    'client-id': { value: 'ID', help: 'Client ID to use; default: asked for.' },
    'client-secret-file': {
      value: 'FILE',
      help: 'Read the client secret from FILE (- for stdin). Otherwise LATCHKEY_CLIENT_SECRET, or asked for.',
    },
    'no-client-secret': { help: "Don't ask for secret (because client does not need one)." },
    'use-default-client': { help: 'Use default client (as provided by backend).' },
  },
  about: `Stores in auth-config.json which OpenID provider and which client to use for an openEO back-end.
Where the back-end offers a default client, nothing has to be stored: auth oidc-auth BACKEND logs in.`,
  examples: '  auth add-oidc openeo.example.org --client-id my-client --no-client-secret',
  run: async (args, context) => {
    const { io } = context
    const backend = backendOperand(args, 'auth add-oidc')
    const { path } = authConfigFile({ env: io.env })
    io.out(`Will add OpenID Connect auth config for backend URL ${pythonRepr(backend)}\n`)
    io.out(`to config file: ${pythonRepr(path)}\n`)
    const providers = await (await connected(backend, context)).providers({ signal: io.interruption() })
    const provider = await providerOf(providers, args.values.get('provider-id'), backend, io)
    io.out(`Using provider ID ${pythonRepr(provider.id)} (issuer ${pythonRepr(provider.issuer)})\n`)
    const client = await clientOf(args, provider, io)
    await authConfig({ env: io.env }).setOidcClient(backend, provider.id, { ...client, issuer: provider.issuer })
    // The login made before belongs to another client: what was configured last is what counts.
    await knownBackends({ env: io.env }).remove(backend)
    io.out(`Saved client information to ${pythonRepr(path)}\n`)
    return exitCode.done
  },
}
