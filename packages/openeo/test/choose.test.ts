import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import type { AuthError } from '@latchkey/core'
import { providerDocuments } from '@latchkey/testkit'
import { describe, expect, test } from 'vitest'
import type { Choice, ChoiceRequest } from '../src/choice.ts'
import { choose } from '../src/choose.ts'
import type { Ground } from '../src/choose-provider.ts'
import { parseProviders } from '../src/providers.ts'
import type { PythonChoice, PythonChoices, PythonMethod } from './python/python-choices.ts'
import { type ChoiceCase, choiceCases } from './python/situations.ts'
import { device } from './support/world.ts'

const url = 'https://openeo.example.org'

const ground = (providers: unknown, more: Partial<Ground> = {}): Ground => ({
  url,
  listed: parseProviders({ providers }),
  configured: new Map(),
  env: {},
  ...more,
})

function chosen(on: Ground, request: ChoiceRequest = {}): Choice | string {
  try {
    return choose(on, request)
  } catch (error) {
    return (error as AuthError).message
  }
}

const recorded = JSON.parse(
  readFileSync(new URL('python/golden/choices.json', import.meta.url), 'utf8'),
) as PythonChoices

/** The same case for us. */
function ours({ document, given }: ChoiceCase, purpose: ChoiceRequest['purpose']): Choice | string {
  const { args = {}, env = {}, config = {} } = given
  const configured = Object.entries(config).map(([id, { client_id, client_secret }]) => {
    return [id, { clientId: client_id, clientSecret: client_secret }] as const
  })
  const request = { providerId: args['provider_id'], clientId: args['client_id'], clientSecret: args['client_secret'] }
  return chosen(ground(providerDocuments[document], { env, configured: new Map(configured) }), { ...request, purpose })
}

const purposes: Readonly<Record<Exclude<PythonMethod, 'device'>, ChoiceRequest['purpose']>> = {
  oidc: 'login',
  refresh: 'refresh',
  code: 'code',
  machine: 'machine',
}

/** Python's own device login takes a client that its first method does not find. */
function theirs({ document, situation }: ChoiceCase, method: keyof typeof purposes): PythonChoice {
  const all = recorded[document]?.[situation]
  if (all === undefined) throw new Error(`Nothing is recorded for ${document}: ${situation}.`)
  return method === 'oidc' && all.oidc.error?.includes('No client_id') ? all.device : all[method]
}

/** What both say of a choice in the same words. The requests of a device or code login tell no secret, the others no proof key. */
function compared(
  method: keyof typeof purposes,
  mine: Choice | string,
  python: PythonChoice,
): readonly [unknown, unknown] {
  if (python.error !== undefined) {
    const said = python.error.replace(/^\w+: /, '')
    return [typeof mine === 'string' ? mine.slice(0, said.length) : mine, said]
  }
  if (typeof mine === 'string') return [mine, python]
  const { clientId, clientSecret, pkce } = mine.client
  const ofMethod = {
    oidc: [pkce, python.sent['code_challenge_method'] === 'S256'],
    code: [],
    refresh: [clientSecret, python.sent['client_secret']],
    machine: [clientSecret, python.sent['client_secret']],
  }[method]
  return [
    [mine.provider.id, clientId, ofMethod[0]],
    [python.provider, python.sent['client_id'], ofMethod[1]],
  ]
}

describe('the choice on the documents of real back-ends, and of thinkable ones', () => {
  test.each(['oidc', 'refresh', 'code', 'machine'] as const)('is that of the Python client: %s', (method) => {
    for (const one of choiceCases) {
      const [mine, python] = compared(method, ours(one, purposes[method]), theirs(one, method))
      expect(mine, `${one.document}: ${one.situation}`).toEqual(python)
    }
    expect(choiceCases.length).toBeGreaterThan(100)
  })
})

const both = [`${device}+pkce`, 'refresh_token']
const provider = (id: string, clients: readonly object[], more: object = {}): object => ({
  id,
  issuer: `https://${id}.example.org`,
  title: id,
  default_clients: clients,
  ...more,
})

describe('the reasons of a choice', () => {
  test('say of each provider and client why it was taken or not', () => {
    const clients = [
      { id: 'web', grant_types: ['implicit', 'magic'] },
      { id: 'plain', grant_types: [device] },
      { id: 'whole', grant_types: both },
      { id: 'late', grant_types: both },
    ]
    const { reasons, client } = choose(ground([provider('egi', clients), provider('other', [])]))
    expect(client).toEqual({ clientId: 'whole', from: 'default', pkce: true })
    const needs = 'needs device_code (and refresh_token, for a login that lasts)'
    expect(reasons).toEqual([
      `Provider 'egi' (issuer https://egi.example.org): the first of 2 that ${url} lists.`,
      "Provider 'other' (issuer https://other.example.org): not taken.",
      `Client 'web': default client of provider 'egi' with implicit, 'magic' (unknown); not taken, ${needs}.`,
      "Client 'plain': default client of provider 'egi' with device_code; not taken, it lacks refresh_token.",
      "Client 'whole': default client of provider 'egi' with device_code+pkce, refresh_token.",
      "Client 'late': default client of provider 'egi' with device_code+pkce, refresh_token; not taken, another comes before it.",
    ])
  })

  test('say that a client with the device grant alone was taken because none is better (issue 530)', () => {
    const { client, reasons } = choose(ground(providerDocuments['Earth Engine']))
    expect(client).toEqual({ clientId: 'google-device', from: 'default', pkce: true })
    expect(reasons.at(-1)).toContain('taken as none has refresh_token too: its login may not last.')
  })

  test('tell of an unknown OPENEO_AUTH_PROVIDER_ID, and of a secret that belongs to no client', () => {
    const env = { OPENEO_AUTH_PROVIDER_ID: 'nobody' }
    const { reasons } = choose(ground([provider('egi', [{ id: 'c', grant_types: both }])], { env }), {
      clientSecret: 's3cret',
    })
    expect(reasons).toContain("OPENEO_AUTH_PROVIDER_ID is 'nobody', which is not listed: ignored.")
    expect(reasons).toContain('The client secret was given without a client id and is not used.')
    expect(reasons.join()).not.toContain('s3cret')
  })

  test('of a failure list every provider, client and grant that was seen', () => {
    const providers = [
      provider('egi', [{ id: 'web', grant_types: ['implicit'] }]),
      provider('bare', []),
      provider('good', [{ id: 'whole', grant_types: both }]),
    ]
    const error = chosen(ground(providers))
    expect(error).toContain('No client_id found.')
    for (const word of [
      "'web'",
      'implicit',
      "'bare' has no default clients",
      "'good'",
      "'whole'",
      'its provider was not',
    ]) {
      expect(error).toContain(word)
    }
    expect(error).toContain(`npx @latchkey/cli add-oidc ${url}`)
    expect(error).not.toContain('\n')
  })

  test('stay readable where a back-end lists thousands', () => {
    const clients = Array.from({ length: 5000 }, (_, at) => ({ id: `c${at}`, grant_types: ['x'.repeat(9999)] }))
    const error = chosen(ground([provider('egi', clients)]))
    expect(error).toContain('(and 4981 more)')
    expect(error).toSatisfy((text: string) => text.length < 6000)
    const providers = Array.from({ length: 5000 }, (_, at) => provider(`p${at}`, []))
    expect(choose(ground(providers), { clientId: 'c' }).reasons).toHaveLength(201)
    const unknown = chosen(ground(providers), { providerId: 'x' })
    expect(unknown).toSatisfy((text: string) => text.length < 6000)
    const broken = chosen(ground(Array.from({ length: 5000 }, () => 'x')))
    expect(broken).toSatisfy((text: string) => text.length < 6000)
  })
})

describe('a configured client', () => {
  const listed = [provider('egi', [{ id: 'whole', grant_types: both }])]
  const mine = (issuer?: string): Partial<Ground> => ({
    configured: new Map([['egi', { clientId: 'mine', clientSecret: 'known only to egi', issuer }]]),
  })

  test('is used for the issuer it was configured for, a slash more or less', () => {
    for (const issuer of ['https://egi.example.org/', 'https://egi.example.org', undefined]) {
      expect(choose(ground(listed, mine(issuer))).client).toMatchObject({ clientId: 'mine', from: 'config' })
    }
  })

  test('is not used, nor is its secret sent, where the back-end now lists another issuer under that id', () => {
    const { client, reasons } = choose(ground(listed, mine('https://former.example.org')))
    expect(client).toEqual({ clientId: 'whole', from: 'default', pkce: true })
    expect(reasons.join(' ')).toContain('is of issuer https://former.example.org: not used')
    expect(reasons.join(' ')).not.toContain('known only')
  })
})

describe('a client secret', () => {
  const listed = [provider('egi', [{ id: 'whole', grant_types: both }])]
  const secret = 's3cret-of-mine'
  const env = { OPENEO_AUTH_CLIENT_ID: 'mine', OPENEO_AUTH_CLIENT_SECRET: secret }

  test.each<[string, Partial<Ground>, ChoiceRequest]>([
    ['an argument', {}, { clientId: 'mine', clientSecret: secret }],
    ['the environment', { env }, { purpose: 'machine' }],
    ['auth-config.json', { configured: new Map([['egi', { clientId: 'mine', clientSecret: secret }]]) }, {}],
  ])('out of %s is in the choice, and nowhere where that is printed', (_, more, request) => {
    const choice = choose(ground(listed, more), request)
    expect(choice.client.clientSecret).toBe(secret)
    for (const printed of [inspect(choice, { depth: 9, showHidden: true }), JSON.stringify(choice)]) {
      expect(printed).not.toContain(secret)
      expect(printed).toContain('<redacted>')
    }
  })
})

describe('the proof key of a device login', () => {
  const listed = [
    provider('egi', [
      { id: 'whole', grant_types: both },
      { id: 'plain', grant_types: [device, 'refresh_token'] },
    ]),
  ]
  const pkce = (request: ChoiceRequest): unknown => (chosen(ground(listed), request) as Choice).client.pkce

  test('is sent for a client that the back-end lists with it, chosen or named, unless it has a secret', () => {
    expect(pkce({})).toBe(true)
    expect(pkce({ clientId: 'whole' })).toBe(true)
    expect(pkce({ clientId: 'whole', clientSecret: 's' })).toBe(false)
    expect(pkce({ clientId: 'plain' })).toBe(false)
    expect(pkce({ clientId: 'unheard-of' })).toBe(false)
  })
})
