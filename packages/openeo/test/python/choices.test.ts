import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fetch, memoryStore } from '@latchkey/core'
import { type AuthConfig, authConfig } from '@latchkey/file-store'
import { type AuthenticateOptions, connect } from '@latchkey/openeo'
import { providerDocuments } from '@latchkey/testkit'
import { afterAll, expect, test } from 'vitest'
import type { PythonChoice, PythonChoices } from './python-choices.ts'
import { type ChoiceCase, choiceCases, type Situation } from './situations.ts'

const backend = 'https://openeo.example.org'
const recorded = JSON.parse(readFileSync(new URL('./golden/choices.json', import.meta.url), 'utf8')) as PythonChoices

/** What was sent first to an issuer, or what was said instead. */
type Outcome = { readonly sent: Readonly<Record<string, string>>; readonly to: string } | { readonly error: string }

const json = (body: object, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

/** A client's name and secret, whichever way they are sent. */
function credentialsIn(authorization: string | null): Readonly<Record<string, string>> {
  if (authorization === null) return {}
  const [id = '', secret = ''] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':')
  return { client_id: decodeURIComponent(id), client_secret: decodeURIComponent(secret) }
}

/** The back-end and the issuers of one document, in this process: `choices.py` has the same. */
function world(
  document: string,
  supported: readonly string[],
): { readonly fetch: Fetch; readonly outcome: () => Outcome | undefined } {
  let first: Outcome | undefined
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url)
    if (request.method === 'POST') {
      const form = Object.fromEntries(new URLSearchParams(await request.text()))
      const issuer = request.url.replace(/\/(token|device_authorization)$/, '')
      first ??= { sent: { ...form, ...credentialsIn(request.headers.get('authorization')) }, to: issuer }
      return json({ error: 'access_denied' }, 400)
    }
    if (url.origin !== backend) {
      const issuer = request.url.split('/.well-known/')[0] ?? ''
      const names = ['authorization', 'token', 'device_authorization']
      const endpoints = Object.fromEntries(names.map((name) => [`${name}_endpoint`, `${issuer}/${name}`]))
      return json({ issuer, scopes_supported: supported, ...endpoints })
    }
    if (url.pathname === '/credentials/oidc') return json({ providers: providerDocuments[document] })
    const endpoints = [{ path: '/credentials/oidc', methods: ['GET'] }]
    return url.pathname === '/' ? json({ api_version: '1.2.0', endpoints }) : json({}, 404)
  }
  return { fetch: (input, init) => answer(new Request(input, init)), outcome: () => first }
}

const home = mkdtempSync(join(tmpdir(), 'latchkey-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const written = new Map<string, AuthConfig>()

/** An `auth-config.json` with these clients; many cases share one. */
async function configured(clients: Situation['config'] = {}): Promise<AuthConfig> {
  const name = JSON.stringify(clients)
  const known = written.get(name)
  if (known !== undefined) return known
  const config = authConfig({ path: join(home, `${written.size}.json`) })
  written.set(name, config)
  for (const [id, { client_id, client_secret }] of Object.entries(clients)) {
    await config.setOidcClient(backend, id, { clientId: client_id, clientSecret: client_secret })
  }
  return config
}

/** A case as a program would have it: files, variables and options. */
async function ours(
  { document, given }: ChoiceCase,
  options: AuthenticateOptions,
  supported: readonly string[],
): Promise<Outcome> {
  const config = await configured(given.config)
  const { fetch, outcome } = world(document, supported)
  const { provider_id, client_id, client_secret } = given.args ?? {}
  const more = { providerId: provider_id, clientId: client_id, clientSecret: client_secret }
  const said = await (async () => {
    const to = await connect(backend, { env: { HOME: home, ...given.env }, fetch, config, store: memoryStore() })
    await to.authenticate({ ...more, ...options })
  })().catch((error: unknown) => String(error))
  return outcome() ?? { error: said ?? 'nothing' }
}

const everyScope = [
  ...new Set(
    Object.values(providerDocuments)
      .flat()
      .flatMap(({ scopes }) => scopes ?? []),
  ),
]
const supported = [...everyScope, 'openid', 'offline_access']

/** What says who asks for what; codes and challenges differ from one run to the next. */
function telling(sent: Readonly<Record<string, string>>): unknown {
  const { client_id, scope, code_challenge_method, access_type, prompt } = sent
  return { client_id, scope, code_challenge_method, access_type, prompt }
}

function expectSame(one: ChoiceCase, mine: Outcome, python: PythonChoice | undefined): void {
  const named = `${one.document}: ${one.situation}`
  if (python === undefined || python.error !== undefined) {
    expect(mine, named).toEqual({ error: expect.stringMatching(/^AuthError: /) })
    return
  }
  if ('error' in mine) expect(mine, named).toEqual(python)
  else {
    const provider = providerDocuments[one.document]?.find(({ id }) => id === python.provider)
    expect([mine.to, telling(mine.sent)], named).toEqual([provider?.issuer.replace(/\/$/, ''), telling(python.sent)])
  }
}

const of = ({ document, situation }: ChoiceCase): PythonChoices[string][string] | undefined =>
  recorded[document]?.[situation]

test('a person is asked with the client, scope and proof key that the Python client sends', async () => {
  for (const one of choiceCases) {
    const python = of(one)
    // Better than there (issue 530): a client without refresh_token logs in as its own device method would.
    const same = python?.oidc.error?.includes('No client_id found') ? python.device : python?.oidc
    expectSame(one, await ours(one, { prompt: () => {} }, supported), same)
  }
})

test('a machine proves itself with the client, secret and scope that the Python client sends', async () => {
  for (const one of choiceCases) {
    const mine = await ours(one, { method: 'client_credentials' }, supported)
    const python = of(one)?.machine
    // Better than there: a client without a secret, which no issuer takes, is told at once.
    if (python?.error === undefined && python?.sent['client_secret'] === undefined && 'error' in mine) {
      expect(mine.error, `${one.document}: ${one.situation}`).toContain('secret')
      continue
    }
    expectSame(one, mine, python)
    if (!('error' in mine))
      expect(mine.sent['client_secret']).toBe((python as { sent: Record<string, string> }).sent['client_secret'])
  }
})

test('a refresh token goes to the issuer and client that the Python client sends it to', async () => {
  for (const one of choiceCases) {
    const mine = await ours(one, { method: 'refresh_token', refreshToken: 'rt' }, supported)
    expectSame(one, mine, of(one)?.refresh)
    if (!('error' in mine)) expect(mine.sent['refresh_token']).toBe('rt')
  }
})

test('offline_access that the issuer does not list: Python asks for it all the same, we leave it out', async () => {
  const one = choiceCases.find(({ document, situation }) => document === 'openEO Platform' && situation === 'nothing')
  if (one === undefined) throw new Error('The case is gone.')
  const mine = await ours(one, { prompt: () => {} }, ['openid', 'email'])
  const [sent, python] = [mine, of(one)?.oidc].map((said) => (said !== undefined && 'sent' in said ? said.sent : {}))
  expect(sent?.['scope']).toBe('eduperson_entitlement eduperson_scoped_affiliation email openid')
  expect(python?.['scope']).toBe('eduperson_entitlement eduperson_scoped_affiliation email offline_access openid')
})
