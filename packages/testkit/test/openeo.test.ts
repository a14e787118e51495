import { expect, onTestFinished, test } from 'vitest'
import { type OpeneoBackend, type OpeneoOptions, openeoBackend } from '../src/index.ts'

async function started(options: OpeneoOptions = {}): Promise<OpeneoBackend> {
  const egi = { id: 'egi', issuer: 'https://egi.example.org', title: 'EGI' }
  const verify: OpeneoOptions['verify'] = (token, providerId) =>
    token === 'good' && providerId !== 'other' ? { clientId: 'c', login: 'ana' } : undefined
  const backend = await openeoBackend({ providers: [egi], verify, ...options })
  onTestFinished(() => backend.close())
  return backend
}

const bearer = (token: string): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })

async function said(url: string, init?: RequestInit): Promise<readonly [number, Readonly<Record<string, unknown>>]> {
  const response = await fetch(url, init)
  return [response.status, (await response.json()) as Readonly<Record<string, unknown>>]
}

test('refuses every form of a token but its own, each in the words of openEO', async () => {
  const backend = await started()
  const me = `${backend.root}/me`
  expect(await said(me)).toMatchObject([401, { code: 'AuthenticationRequired' }])
  expect(await said(me, bearer('good'))).toMatchObject([403, { code: 'AuthenticationSchemeInvalid' }])
  expect(await said(me, bearer('oidc//good'))).toMatchObject([403, { code: 'AuthenticationSchemeInvalid' }])
  expect(await said(me, bearer('basic/egi/good'))).toMatchObject([403, { code: 'AuthenticationSchemeInvalid' }])
  for (const token of ['oidc/egi/bad', 'oidc/other/good', 'basic//good']) {
    expect(await said(me, bearer(token))).toMatchObject([403, { code: 'TokenInvalid' }])
  }
  expect(await said(me, bearer('oidc/egi/good'))).toMatchObject([200, { user_id: 'ana' }])
})

test('takes bare tokens where it says so, in its capabilities or in the document that they link', async () => {
  const backend = await started({ jwt: 'listed' })
  expect(await said(`${backend.root}/me`, bearer('good'))).toMatchObject([200, { user_id: 'ana' }])
  const jwt = 'https://api.openeo.org/1.3.0/authentication/jwt'
  expect((await said(`${backend.root}/`))[1]['conformsTo']).toContain(jwt)
  backend.settings.jwt = 'linked'
  expect((await said(`${backend.root}/`))[1]).not.toHaveProperty('conformsTo')
  expect((await said(`${backend.root}/conformance`))[1]['conformsTo']).toContain(jwt)
})

test('refuses one token, every token, and tokens on what everybody may read, when told to', async () => {
  const backend = await started()
  const good = bearer('oidc/egi/good')
  const [me, collections] = [`${backend.root}/me`, `${backend.root}/collections`]
  backend.settings.refusal = { status: 401, code: 'TokenInvalid', message: 'Expired.' }
  backend.settings.alwaysRefuse = true
  expect(await said(me, good)).toMatchObject([401, { code: 'TokenInvalid', message: 'Expired.' }])
  expect((await said(collections, good))[0]).toBe(200)
  backend.settings.checkPublic = true
  expect((await said(collections, good))[0]).toBe(401)
  expect((await said(collections))[0]).toBe(200)
  backend.settings.alwaysRefuse = false
  expect((await said(me, good))[0]).toBe(200)
  backend.refuse('good')
  expect((await said(me, good))[0]).toBe(401)
})

test('lists its versions, each at a place of its own, and knows the newest by number', async () => {
  const versions = ['1.2.0', '1.10.0', '1.9.0'].map((api_version) => ({ api_version }))
  const backend = await started({ versions })
  expect(backend.root).toBe(`${backend.url}/openeo/1.10.0`)
  expect((await said(`${backend.url}/.well-known/openeo`))[1]).toEqual({
    versions: versions.map((one) => ({ ...one, url: `${backend.url}/openeo/${one.api_version}` })),
  })
  expect((await said(`${backend.url}/openeo/1.9.0`))[1]['api_version']).toBe('1.9.0')
  backend.settings.versions = []
  expect((await said(`${backend.url}/.well-known/openeo`))[0]).toBe(404)
  expect(backend.root).toBe(backend.url)
  expect((await said(backend.root))[1]['api_version']).toBe('1.2.0')
})

test('has no way to log in that it does not list', async () => {
  const backend = await started({ providers: [], users: {} })
  const [, { endpoints }] = await said(`${backend.root}/`)
  expect(JSON.stringify(endpoints)).not.toContain('credentials')
  expect((await said(`${backend.root}/credentials/oidc`))[0]).toBe(404)
  expect((await said(`${backend.root}/credentials/basic`))[0]).toBe(404)
})

test('keeps what arrived, and answers as it is told', async () => {
  const backend = await started()
  backend.settings.answer = ({ path }) => (path.endsWith('/me?x=1') ? { status: 503, body: { a: 1 } } : undefined)
  expect(await said(`${backend.root}/me?x=1`, bearer('oidc/egi/good'))).toEqual([503, { a: 1 }])
  expect(backend.received('/me').map(({ headers }) => headers['authorization'])).toEqual(['Bearer oidc/egi/good'])
  backend.clear()
  expect(backend.arrivals).toEqual([])
})

test('a job is seen by whoever made it, and has results when it has finished', async () => {
  const backend = await started({ jobPolls: 1, signedResults: false })
  const ana = bearer('oidc/egi/good')
  const coded = Buffer.from('john:j0hn123').toString('base64')
  const [, { access_token }] = await said(`${backend.root}/credentials/basic`, {
    headers: { authorization: `Basic ${coded}` },
  })
  const created = await fetch(`${backend.root}/jobs`, { ...ana, method: 'POST', body: '{"process":{}}' })
  expect(created.status).toBe(201)
  const job = created.headers.get('location') ?? ''
  expect((await fetch(`${job}/results`, { ...ana, method: 'POST' })).status).toBe(202)
  expect(await said(`${job}/results`, ana)).toMatchObject([400, { code: 'JobNotFinished' }])
  expect((await said(job, bearer(`basic//${String(access_token)}`)))[0]).toBe(404)
  expect((await said(job, ana))[1]).toMatchObject({ status: 'running' })
  expect((await said(job, ana))[1]).toMatchObject({ status: 'finished' })
  const [, results] = await said(`${job}/results`, ana)
  const { 'result.json': here } = results['assets'] as Record<string, { readonly href: string }>
  expect((await said(here?.href ?? ''))[0]).toBe(401)
  expect(await said(here?.href ?? '', ana)).toEqual([200, { computed: true }])
})
