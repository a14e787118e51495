import { AuthError, normalizeIssuer } from '@latchkey/core'
import { showable } from '@latchkey/core/http'
import type { OidcClient } from '@latchkey/file-store'
import type { Choice, ChoiceRequest, ChosenClient } from './choice.ts'
import { chooseProvider, type Ground } from './choose-provider.ts'
import { chosenClient } from './chosen-client.ts'
import { fitness, grantWords, needed, type Purpose, wantsProofKey } from './grant-types.ts'
import type { DefaultClient, OidcProvider } from './provider.ts'
import { quoted } from './quoted.ts'

/** As many as a person reads in one message. */
const mostLines = 20
/** As many as no honest back-end needs. */
const mostReasons = 200

const limited = (lines: readonly string[], most: number): readonly string[] =>
  lines.length > most ? [...lines.slice(0, most), `(and ${lines.length - most} more)`] : lines

/**
 * Which provider and client, in the order of the Python client, and why. Better than there: a default client that has the
 * device grant alone is taken when no other has a refresh token too, and a configured client is not used where the
 * back-end now lists another issuer under its provider's id: its secret is not for that one.
 *
 * @throws `UNSUPPORTED`, `CONFIG_INVALID` with everything that was looked at and why it was not taken
 */
export function choose(ground: Ground, request: ChoiceRequest = {}): Choice {
  const safe = withoutForeign(ground)
  const { provider, reasons } = chooseProvider(safe.ground, request)
  const { client, notes } = chooseClient(safe.ground, provider, request)
  const all = [...reasons, ...safe.notes, ...notes]
  if (client !== undefined) return { provider, client, reasons: limited(all, mostReasons) }
  const purpose = request.purpose ?? 'login'
  const others = ground.listed.providers.filter((one) => one !== provider).flatMap((one) => seen(one, purpose))
  const cure = `Give a client id, or add one: npx @latchkey/cli add-oidc ${showable(ground.url)}`
  const lines = ['No client_id found.', ...limited([...all, ...others], mostLines), cure]
  throw new AuthError('CONFIG_INVALID', lines.join(' '))
}

/** Configured clients of another issuer than the one that is listed now. */
function withoutForeign(ground: Ground): { readonly ground: Ground; readonly notes: readonly string[] } {
  const configured = new Map(ground.configured)
  const notes: string[] = []
  for (const { id, issuer } of ground.listed.providers) {
    const known = configured.get(id)?.issuer
    if (known === undefined || normalizeIssuer(known) === normalizeIssuer(issuer)) continue
    configured.delete(id)
    notes.push(`The client in auth-config.json for provider ${quoted(id)} is of issuer ${showable(known)}: not used.`)
  }
  return { ground: { ...ground, configured }, notes }
}

interface ClientChoice {
  readonly client?: ChosenClient | undefined
  readonly notes: readonly string[]
}

function chooseClient({ configured, env }: Ground, provider: OidcProvider, request: ChoiceRequest): ClientChoice {
  const { clientId, clientSecret, purpose = 'login' } = request
  const made = (from: ChosenClient['from'], id: string, secret: string | undefined): ChosenClient =>
    chosenClient({
      clientId: id,
      ...(secret !== undefined && secret !== '' && { clientSecret: secret }),
      from,
      pkce: !secret && provider.defaultClients.some((one) => one.id === id && wantsProofKey(one)),
    })
  if (clientId !== undefined && clientId !== '') {
    return { client: made('argument', clientId, clientSecret), notes: [`Client ${quoted(clientId)}: given.`] }
  }
  const stray = clientSecret ? ['The client secret was given without a client id and is not used.'] : []
  const id = env['OPENEO_AUTH_CLIENT_ID']
  const secret = env['OPENEO_AUTH_CLIENT_SECRET']
  if (purpose === 'machine' && id && secret) {
    const note = `Client ${quoted(id)}: from OPENEO_AUTH_CLIENT_ID and OPENEO_AUTH_CLIENT_SECRET.`
    return { client: made('environment', id, secret), notes: [...stray, note] }
  }
  const own: OidcClient | undefined = configured.get(provider.id)
  if (own?.clientId !== undefined) {
    const note = `Client ${quoted(own.clientId)}: in auth-config.json for provider ${quoted(provider.id)}.`
    return { client: made('config', own.clientId, own.clientSecret), notes: [...stray, note] }
  }
  const taken = bestDefault(provider, purpose)
  const notes = [...stray, ...halfEnvironment(purpose, id, secret), ...seen(provider, purpose, taken)]
  return { client: taken && made('default', taken.id, undefined), notes }
}

function halfEnvironment(purpose: Purpose, id: string | undefined, secret: string | undefined): readonly string[] {
  if (purpose !== 'machine' || (!id && !secret)) return []
  const missing = id ? 'OPENEO_AUTH_CLIENT_SECRET' : 'OPENEO_AUTH_CLIENT_ID'
  return [`The client of the environment is not used: ${missing} is not set.`]
}

/** The first that fits well, else the first that fits at all. */
function bestDefault({ defaultClients }: OidcProvider, purpose: Purpose): DefaultClient | undefined {
  const fits = (atLeast: 1 | 2): DefaultClient | undefined =>
    defaultClients.find((one) => fitness(one, purpose) >= atLeast)
  return fits(2) ?? fits(1)
}

/** A sentence for each default client of a provider. */
function seen(provider: OidcProvider, purpose: Purpose, taken?: DefaultClient): readonly string[] {
  const of = `default client of provider ${quoted(provider.id)}`
  if (provider.defaultClients.length === 0) return [`Provider ${quoted(provider.id)} has no default clients.`]
  return provider.defaultClients.map((one) => {
    const which = `Client ${quoted(one.id)}: ${of} with ${grantWords(one)}`
    if (one !== taken) return `${which}; not taken, ${whyNot(one, purpose, taken)}.`
    return fitness(one, purpose) === 2
      ? `${which}.`
      : `${which}; taken as none has refresh_token too: its login may not last.`
  })
}

function whyNot(client: DefaultClient, purpose: Purpose, taken: DefaultClient | undefined): string {
  const fit = fitness(client, purpose)
  if (fit === 0) return `needs ${needed[purpose]}`
  if (taken === undefined) return 'its provider was not'
  return fit < fitness(taken, purpose) ? 'it lacks refresh_token' : 'another comes before it'
}
