import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { authConfig, fileStore } from '@latchkey/file-store'
import { manualClock } from '@latchkey/testkit'
import { expect, test } from 'vitest'
import { sha256 } from './support/example.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const at = (date: string): ReturnType<typeof manualClock> => manualClock(Date.parse(date))
const createdBy = 'openeo-python-client 0.51.0'

function expectBytes(path: string, size: number, hash: string): void {
  const bytes = readFileSync(path)
  expect({ size: bytes.length, hash: sha256(bytes) }).toEqual({ size, hash })
  expect(statSync(path).mode & 0o777).toBe(0o600)
}

test('sample A: basic credentials in a fresh file, byte for byte', async () => {
  const path = temporaryDirectory()
  const config = authConfig({ path, createdBy, clock: at('2026-01-02T03:04:05Z') })
  await config.setBasic('https://openeo.example.com/', { username: 'john', password: 'j0hn123' })
  const hash = '42476de7b3071f820769ea0e3557083584b58f9b9b8a6b4435cac6e58fc65354'
  expectBytes(join(path, 'auth-config.json'), 357, hash)
})

test('sample B: two OIDC providers added to it', async () => {
  const path = temporaryDirectory()
  await authConfig({ path, createdBy, clock: at('2026-01-02T03:04:05Z') }).setBasic('https://openeo.example.com/', {
    username: 'john',
    password: 'j0hn123',
  })
  const config = authConfig({ path, clock: at('2026-01-03T00:00:00Z') })
  await config.setOidcClient('https://openeo.example.com', 'egi', {
    clientId: 'client-d7393fba',
    clientSecret: 's3cr3t',
    issuer: 'https://aai.egi.eu/auth/realms/egi',
  })
  await config.setOidcClient('https://openeo.example.com', 'terrascope', {
    issuer: 'https://sso.terrascope.be/auth/realms/terrascope/',
  })
  const hash = '57e3781f3a8d75b7d44a6bcaa0f04d097ab40cd2dd488fbe4087e6d32df47baf'
  expectBytes(join(path, 'auth-config.json'), 855, hash)
})

test('sample C: refresh tokens with letters that are not ASCII', async () => {
  const path = temporaryDirectory()
  const store = fileStore({ path, clock: at('2026-01-02T03:04:05Z') })
  const put = (issuer: string, clientId: string, refreshToken: string): Promise<unknown> =>
    store.update({ issuer, clientId }, async () => ({ refreshToken, tokens: {} }))
  await put('https://aai.egi.eu/auth/realms/egi/', 'openeo-platform-default-client', 'eyJhbGciOi.x.y')
  await put('https://iam.example.org', 'client-é', 'tök\x7f')
  const hash = '3dcd67da25df7ba40be0bc49b9010a8bc222aef6378029fb183906a606885f72'
  expectBytes(join(path, 'refresh-tokens.json'), 316, hash)
})

test('sample D: clients of digits keep the order in which they came', async () => {
  const path = temporaryDirectory()
  const store = fileStore({ path, clock: at('2026-01-02T03:04:05Z') })
  for (const [index, clientId] of ['b', '10', '2'].entries()) {
    await store.update({ issuer: 'i', clientId }, async () => ({ refreshToken: String(index + 1), tokens: {} }))
  }
  expectBytes(
    join(path, 'refresh-tokens.json'),
    265,
    'ac44567aaf120fd67a7d162a63c8d1630d487704935cdb8bfc9ead0ba4b6733e',
  )
})
