import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { authConfig, configEntries, removeConfigEntries } from '@latchkey/file-store'
import { manualClock } from '@latchkey/testkit'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from './support/temporary-directory.ts'

const text = (path: string): string => readFileSync(join(path, 'auth-config.json'), 'utf8')

describe('entries of auth-config.json', () => {
  test('are the user and the providers of a back-end, in order, under either form of its address', async () => {
    const path = temporaryDirectory()
    const clock = manualClock()
    const config = authConfig({ path, clock })
    const writtenAt = Math.floor(clock.now() / 1000) * 1000
    await config.setOidcClient('oeo.test', '10', {})
    await config.setOidcClient('oeo.test', '2', {})
    await clock.advance(5_000)
    await config.setBasic('oeo.test', { username: 'u', password: 'p' })
    for (const backend of ['oeo.test', 'https://oeo.test/']) {
      expect(await configEntries(backend, { path })).toEqual([
        { kind: 'basic', writtenAt: writtenAt + 5_000 },
        { kind: 'oidc', providerId: '10', writtenAt },
        { kind: 'oidc', providerId: '2', writtenAt },
      ])
    }
    expect(await configEntries('http://oeo.test', { path })).toEqual([])
  })

  test('that are removed leave every other byte as it was', async () => {
    const path = temporaryDirectory()
    const config = authConfig({ path })
    await config.setBasic('https://a.test', { username: 'u', password: 'p' })
    const before = text(path)
    await config.setOidcClient('https://a.test', 'egi', { clientId: 'c' })
    await config.setBasic('https://b.test', { username: 'u', password: 'p' })
    await removeConfigEntries('https://b.test', [{ kind: 'basic' }], { path })
    await removeConfigEntries('https://a.test', [{ kind: 'oidc', providerId: 'egi' }], { path })
    expect(text(path)).toBe(before)
    expect(statSync(join(path, 'auth-config.json')).mode & 0o777).toBe(0o600)
  })

  test('that are not there are no reason to write', async () => {
    const path = temporaryDirectory()
    await authConfig({ path }).setBasic('https://a.test', { username: 'u', password: 'p' })
    const { mtimeMs, ino } = statSync(join(path, 'auth-config.json'))
    await removeConfigEntries('https://a.test', [{ kind: 'oidc', providerId: 'egi' }], { path })
    await removeConfigEntries('https://b.test', [{ kind: 'basic' }], { path })
    expect(statSync(join(path, 'auth-config.json'))).toMatchObject({ mtimeMs, ino })
  })
})
