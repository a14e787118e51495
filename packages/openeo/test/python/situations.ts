import { providerDocuments } from '@latchkey/testkit'

/** What is given, set and configured when a provider and a client are chosen. `first` and `second` stand for listed ids. */
export interface Situation {
  /** Arguments, by the Python client's names. */
  readonly args?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Clients in `auth-config.json`, by provider id. */
  readonly config?: Readonly<Record<string, { readonly client_id?: string; readonly client_secret?: string }>>
}

/** Situations that mean the same whatever a back-end lists. */
const anywhere: Readonly<Record<string, Situation>> = {
  nothing: {},
  'an unknown provider in the environment': { env: { OPENEO_AUTH_PROVIDER_ID: 'nobody' } },
  'an unknown provider given': { args: { provider_id: 'nobody' } },
  'a client given': { args: { client_id: 'mine' } },
  'a client and a secret given': { args: { client_id: 'mine', client_secret: 's' } },
  'a secret without a client given': { args: { client_secret: 's' } },
  'a machine in the environment': { env: { OPENEO_AUTH_CLIENT_ID: 'machine', OPENEO_AUTH_CLIENT_SECRET: 'm' } },
  'half a machine in the environment': { env: { OPENEO_AUTH_CLIENT_ID: 'machine' } },
  'a configured provider that is not listed': { config: { nobody: { client_id: 'other' } } },
}

/** Situations that name a listed provider. */
function naming(id: string, which: string): Readonly<Record<string, Situation>> {
  return {
    [`the ${which} provider given`]: { args: { provider_id: id } },
    [`the ${which} provider in the environment`]: { env: { OPENEO_AUTH_PROVIDER_ID: id } },
    [`a client of the ${which} configured`]: { config: { [id]: { client_id: 'mine', client_secret: 's' } } },
    [`the ${which} configured, without a client`]: { config: { [id]: {} } },
    [`a client of the ${which} configured, another given`]: {
      config: { [id]: { client_id: 'mine', client_secret: 's' } },
      args: { client_id: 'yours' },
    },
  }
}

/** One document in one situation. */
export interface ChoiceCase {
  readonly document: string
  readonly situation: string
  readonly given: Situation
}

/** Every document in every situation that it has. */
export const choiceCases: readonly ChoiceCase[] = Object.entries(providerDocuments).flatMap(([document, listed]) => {
  const ids = listed.map(({ id }) => id)
  const own = ids.slice(0, 2).map((id, index) => naming(id, index === 0 ? 'first' : 'second'))
  const [client] = listed[0]?.default_clients?.slice(-1) ?? []
  const known: Readonly<Record<string, Situation>> =
    client === undefined ? {} : { 'a default client given': { args: { client_id: client.id } } }
  const both: Readonly<Record<string, Situation>> =
    ids.length < 2
      ? {}
      : { 'both configured': { config: Object.fromEntries(ids.map((id) => [id, { client_id: 'mine' }])) } }
  return Object.entries(Object.assign({}, anywhere, ...own, known, both) as Record<string, Situation>).map(
    ([situation, given]) => ({ document, situation, given }),
  )
})
