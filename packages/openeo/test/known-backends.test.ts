import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { memoryStore, normalizeIssuer } from '@latchkey/core'
import { authConfig, clearRefreshTokens, fileStore } from '@latchkey/file-store'
import { knownBackends, storedBackend } from '@latchkey/openeo/known-backends'
import { manualClock } from '@latchkey/testkit'
import { describe, expect, test } from 'vitest'
import { stored } from './support/person.ts'
import { home, world } from './support/world.ts'

const egi = { providerId: 'egi', issuer: 'https://aai.egi.eu/auth/realms/egi/', clientId: 'c', bareJwt: false }
const url = 'https://openeo.example.org'

const fileOf = (env: { readonly HOME: string }): string => join(env.HOME, 'openeo', 'latchkey', 'openeo-backends.json')

describe('the memory of back-ends', () => {
  test('says after a login which one belongs to a back-end, without asking anybody', async () => {
    const at = await world()
    await stored(at)
    await (await at.connect()).authenticate()
    await at.backend.close()
    expect(await storedBackend(`${at.backend.url}/`, { env: at.env })).toEqual({
      method: 'oidc',
      providerId: 'egi',
      issuer: `${at.issuer.issuer}/`,
      clientId: 'script',
      bareJwt: false,
    })
    expect(statSync(fileOf(at.env)).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(fileOf(at.env))).mode & 0o777).toBe(0o700)
    expect(readFileSync(fileOf(at.env), 'utf8')).not.toMatch(/token|secret/i)
  })

  test('notes a bare JWT when the back-end comes to want one, and writes nothing that stands there', async () => {
    const at = await world()
    await stored(at)
    await (await at.connect()).authenticate()
    const first = statSync(fileOf(at.env))
    await (await at.connect()).authenticate()
    expect(statSync(fileOf(at.env)).ino).toBe(first.ino)
    at.backend.settings.jwt = 'listed'
    await (await at.connect()).authenticate()
    expect(await storedBackend(at.backend.url, { env: at.env })).toMatchObject({ bareJwt: true })
  })

  test('gives way to what auth-config.json is told later, by openeo-auth too, until the next login there', async () => {
    const env = home()
    const clock = manualClock()
    const known = knownBackends({ env, clock })
    await known.set(url, egi)
    await authConfig({ env, clock }).setOidcClient('openeo.example.org', 'other', { issuer: 'https://other.example' })
    expect(await storedBackend(url, { env })).toMatchObject({ providerId: 'egi' })
    await clock.advance(1_000)
    await authConfig({ env, clock }).setOidcClient('openeo.example.org', 'other', { issuer: 'https://other.example' })
    expect(await known.get(url)).toBeUndefined()
    expect(await storedBackend(url, { env })).toMatchObject({ providerId: 'other' })
    await known.set(url, egi)
    expect(await storedBackend(url, { env })).toMatchObject({ providerId: 'egi' })
    await clock.advance(1_000)
    await authConfig({ env, clock }).setBasic(url, { username: 'john', password: 'pw' })
    expect(await known.get(url)).toBeUndefined()
  })

  test('is not written for a machine, for credentials that somebody brings, or for a store of the caller’s', async () => {
    const at = await world()
    const { refreshToken, accessToken } = await at.issuer.issue()
    const connected = await at.connect()
    const machine = { clientId: 'basic', clientSecret: at.issuer.clientSecret }
    await connected.authenticate({ method: 'client_credentials', ...machine })
    await connected.authenticate({ method: 'refresh_token', refreshToken })
    await connected.authenticate({ method: 'access_token', accessToken })
    await connected.authenticate({ method: 'basic', username: 'john', password: 'j0hn123' })
    const store = memoryStore()
    const key = { issuer: normalizeIssuer(at.issuer.issuer), clientId: 'script' }
    const other = await at.issuer.issue()
    await store.update(key, async () => ({ refreshToken: other.refreshToken, tokens: {} }))
    expect((await (await at.connect({ store })).authenticate()).method).toBe('refresh_token')
    expect(existsSync(fileOf(at.env))).toBe(false)
  })

  test('that cannot be written costs no login', async () => {
    const at = await world()
    await stored(at)
    mkdirSync(fileOf(at.env))
    expect((await (await at.connect()).authenticate()).method).toBe('refresh_token')
  })

  test('keeps what is there of others, is found under any spelling of the address, and forgets on request', async () => {
    const env = home()
    const known = knownBackends({ env })
    expect(await known.remove(url)).toBe(false)
    expect(existsSync(fileOf(env))).toBe(false)
    await known.set('openeo.example.org/', egi)
    await known.set('https://10', { ...egi, bareJwt: true })
    const document = JSON.parse(readFileSync(fileOf(env), 'utf8')) as Record<string, object>
    writeFileSync(fileOf(env), JSON.stringify({ theirs: 1, ...document, [url]: { ...document[url], note: 'x' } }))
    expect(await known.get(`${url}//`)).toEqual(egi)
    await known.set('https://third.example.org', egi)
    expect(JSON.parse(readFileSync(fileOf(env), 'utf8'))).toMatchObject({ theirs: 1, [url]: { note: 'x' } })
    expect([await known.remove(url), await known.remove(url)]).toEqual([true, false])
    expect(await known.get(url)).toBeUndefined()
    expect(await known.get('https://10')).toEqual({ ...egi, bareJwt: true })
  })

  test('is no login: the store lists none for it, and it outlives their removal', async () => {
    const env = home()
    await knownBackends({ env }).set(url, egi)
    const keys: unknown[] = []
    for await (const key of fileStore({ env }).keys()) keys.push(key)
    expect(keys).toEqual([])
    await clearRefreshTokens({ env })
    expect(await knownBackends({ env }).get(url)).toEqual(egi)
  })

  test.each([
    ['a list', '[]'],
    ['half a file', '{"https://openeo.ex'],
    ['entries of other types', `{"${url}": "egi"}`],
    ['an entry that lacks its issuer', `{"${url}": {"provider_id": "egi", "client_id": "c"}}`],
  ])('survives a file with %s: an error of the store or nothing, and never a guess', async (_, text) => {
    const env = home()
    await knownBackends({ env }).set('https://other.example.org', egi)
    writeFileSync(fileOf(env), text)
    const found = await knownBackends({ env })
      .get(url)
      .catch((error: { code: string }) => error.code)
    expect([undefined, 'STORE_UNREADABLE']).toContain(found)
  })

  test.skipIf(process.platform === 'win32')(
    'is not believed when others may have written it',
    async () => {
      const env = home()
      await knownBackends({ env }).set(url, egi)
      chmodSync(fileOf(env), 0o666)
      await expect(storedBackend(url, { env })).rejects.toMatchObject({ code: 'STORE_PERMISSIONS' })
    },
    10_000,
  )
})

describe('what the files say of a back-end', () => {
  test('is what auth-config.json has, where no login is known', async () => {
    const env = home()
    const config = authConfig({ env })
    expect(await storedBackend(url, { env })).toBeUndefined()
    await config.setBasic(url, { username: 'john', password: 'j0hn123' })
    expect(await storedBackend(url, { env })).toEqual({ method: 'basic', username: 'john' })
    await config.setOidcClient('openeo.example.org', 'egi', { issuer: egi.issuer })
    expect(await storedBackend(url, { env })).toEqual({ ...egi, method: 'oidc', clientId: undefined })
    await config.setOidcClient(url, 'egi', { issuer: egi.issuer, clientId: 'mine', clientSecret: 's3cret' })
    expect(await storedBackend('openeo.example.org/', { env })).toEqual({ ...egi, method: 'oidc', clientId: 'mine' })
    await knownBackends({ env }).set(url, egi)
    expect(await storedBackend(url, { env })).toEqual({ ...egi, method: 'oidc' })
  })

  test('is the only one with a login where several providers are configured and none is named', async () => {
    const env = home()
    const clients = { egi: undefined, other: 'mine', third: undefined }
    for (const [id, clientId] of Object.entries(clients))
      await authConfig({ env }).setOidcClient(url, id, { issuer: `https://${id}.example/`, clientId })
    const found = async (logins: readonly string[]): Promise<unknown> => {
      const isLoggedIn = (issuer: string, clientId?: string): boolean => logins.includes(`${issuer} ${clientId}`)
      const backend = await storedBackend(url, { env, isLoggedIn })
      return backend?.method === 'oidc' ? backend.providerId : backend
    }
    expect(await found([])).toBeUndefined()
    expect(await found(['https://egi.example/ undefined'])).toBe('egi')
    expect(await found(['https://other.example/ mine'])).toBe('other')
    expect(await found(['https://other.example/ mine', 'https://egi.example/ undefined'])).toBeUndefined()
  })

  test('is nothing where several providers are configured and none is named', async () => {
    const env = home()
    for (const id of ['egi', 'other'])
      await authConfig({ env }).setOidcClient(url, id, { issuer: `https://${id}.example` })
    expect(await storedBackend(url, { env })).toBeUndefined()
    const named = { ...env, OPENEO_AUTH_PROVIDER_ID: 'other' }
    expect(await storedBackend(url, { env: named })).toMatchObject({
      providerId: 'other',
      issuer: 'https://other.example',
    })
  })

  test('is read without loading the protocol', () => {
    const program = `
      import { registerHooks } from 'node:module'
      const loaded = []
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context) } })
      const { storedBackend } = await import('@latchkey/openeo/known-backends')
      await storedBackend('openeo.example.org', { env: { HOME: '/nowhere' } })
      console.log(JSON.stringify(loaded.filter((url) => /oauth4webapi|node:sqlite|openeo\\/src\\/(connect|api|choose|authent)/.test(url))))`
    const cwd = new URL('.', import.meta.url).pathname
    const out = execFileSync(process.execPath, ['--input-type=module', '--no-warnings', '-e', program], { cwd })
    expect(JSON.parse(String(out))).toEqual([])
  })
})
