import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authConfig, readDocument, redactedDocument } from '@latchkey/file-store'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from './support/temporary-directory.ts'

const read = (path: string): Record<string, any> => JSON.parse(readFileSync(join(path, 'auth-config.json'), 'utf8'))

describe('auth-config.json', () => {
  test('a fresh file is in the order backends, metadata, general, and names us', async () => {
    const path = temporaryDirectory()
    await authConfig({ path }).setOidcClient('https://b.test//', 'egi', { issuer: 'https://i.test/' })
    const content = read(path)
    expect(Object.keys(content)).toEqual(['backends', 'metadata', 'general'])
    expect(content['metadata']).toMatchObject({ type: 'AuthConfig', created_by: '@latchkey/file-store', version: 1 })
    expect(content['backends']['https://b.test'].oidc.providers.egi).toMatchObject({
      client_id: null,
      client_secret: null,
      issuer: 'https://i.test/',
    })
  })

  test('a back-end without a scheme is stored under https, and found under both forms', async () => {
    const path = temporaryDirectory()
    const config = authConfig({ path })
    await config.setBasic('oeo.test/', { username: 'u', password: 'p' })
    expect(Object.keys(read(path)['backends'])).toEqual(['https://oeo.test'])
    expect(await config.basic('oeo.test')).toEqual({ username: 'u', password: 'p' })
    expect(await config.basic('https://oeo.test/')).toEqual({ username: 'u', password: 'p' })
    expect(await config.basic('http://oeo.test')).toBeUndefined()
  })

  test('what the openEO tool stored under the bare form is found too', async () => {
    const path = temporaryDirectory()
    const providers = {
      egi: { client_id: 'c', client_secret: 's' },
      other: { client_id: null, client_secret: 'unused' },
    }
    const backends = { 'oeo.test': { basic: { username: 'u' }, oidc: { providers } } }
    writeFileSync(join(path, 'auth-config.json'), JSON.stringify({ backends }), { mode: 0o600 })
    const config = authConfig({ path })
    expect(await config.basic('https://oeo.test')).toEqual({ username: 'u', password: undefined })
    expect([...(await config.oidcClients('https://oeo.test')).keys()]).toEqual(['egi', 'other'])
    expect(await config.oidcClient('oeo.test', 'other')).toEqual({})
  })

  test('an update keeps unknown keys, places, the metadata, and a password that is not given', async () => {
    const path = temporaryDirectory()
    const text = `{"metadata": {"mine": 1.0}, "backends": {"https://a": {"10": [], "basic": {"password": "p", "x": 1e3, "username": "old"}, "2": 1}}}`
    writeFileSync(join(path, 'auth-config.json'), text, { mode: 0o600 })
    await authConfig({ path }).setBasic('https://a', { username: 'new' })
    const lines = readFileSync(join(path, 'auth-config.json'), 'utf8').replace(/"date": "[^"]*"/, '"date": ""')
    expect(lines.replace(/\s+/g, ' ')).toBe(
      '{ "metadata": { "mine": 1.0 }, "backends": { "https://a": { "10": [], "basic": { "password": "p", "x": 1000.0, "username": "new", "date": "" }, "2": 1 } } }',
    )
  })

  test('the secret of a client is found by its issuer, whichever back-end has it', async () => {
    const path = temporaryDirectory()
    const config = authConfig({ path })
    await config.setOidcClient('https://a', 'x', { clientId: 'c', issuer: 'https://i.test/' })
    await config.setOidcClient('https://b', 'y', { clientId: 'c', clientSecret: 's3cret', issuer: 'https://i.test/' })
    expect(await config.clientSecret('https://i.test', 'c')).toBe('s3cret')
    expect(await config.clientSecret('https://other.test', 'c')).toBeUndefined()
    expect(await config.clientSecret('https://i.test', '__proto__')).toBeUndefined()
  })

  test('a provider called __proto__ is a provider', async () => {
    const path = temporaryDirectory()
    const config = authConfig({ path })
    expect(await config.oidcClient('https://a', 'constructor')).toBeUndefined()
    await config.setOidcClient('https://a', '__proto__', { clientId: 'c' })
    expect(await config.oidcClient('https://a', '__proto__')).toMatchObject({ clientId: 'c' })
  })

  test('a file that others may read is refused in the words of the openEO client, and left so', async () => {
    const path = temporaryDirectory()
    const file = join(path, 'auth-config.json')
    writeFileSync(file, '{}', { mode: 0o644 })
    const refusal = {
      code: 'STORE_PERMISSIONS',
      message: expect.stringContaining(`File ${file} could be readable by others: mode 644 (expected: 600).`),
    }
    await expect(authConfig({ path }).basic('x')).rejects.toMatchObject(refusal)
    await expect(authConfig({ path }).setBasic('x', { username: 'u' })).rejects.toMatchObject(refusal)
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777]).toEqual(['{}', 0o644])
  })

  test('many updates at once are all there', async () => {
    const path = temporaryDirectory()
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => authConfig({ path }).setBasic(`https://b${index}`, { username: 'u' })),
    )
    expect(Object.keys(read(path)['backends'])).toHaveLength(12)
  })

  test('a dump redacts whatever stands under the names of secrets, but not inside lists', async () => {
    const path = temporaryDirectory()
    const file = join(path, 'auth-config.json')
    writeFileSync(
      file,
      '{"a": {"password": null, "x": [{"password": "p"}], "refresh_token": {"y": 1}}, "client_secret": "s"}',
      { mode: 0o600 },
    )
    const document = await readDocument(file)
    expect(
      JSON.stringify([...redactedDocument(document ?? new Map()).entries()], (_, value) =>
        value instanceof Map ? Object.fromEntries(value) : value,
      ),
    ).toBe(
      '[["a",{"password":"<redacted>","x":[{"password":"p"}],"refresh_token":"<redacted>"}],["client_secret","<redacted>"]]',
    )
    expect(await readDocument(join(path, 'none.json'))).toBeUndefined()
  })
})
