import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authConfig, authConfigFile, fileStore, refreshTokensFile } from '@latchkey/file-store'
import { describe, expect, test } from 'vitest'
import { candidateDirectories } from '../src/paths.ts'
import { key, login, tokensIn } from './support/example.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const home = '/home/someone'
const platform = 'linux'

describe('where the openEO client would look', () => {
  test('on Linux: XDG first, then the usual place', () => {
    expect(candidateDirectories('config', { env: { XDG_CONFIG_HOME: '/x' }, home, platform })).toEqual([
      '/x/openeo-python-client',
      '/home/someone/.config/openeo-python-client',
    ])
    expect(candidateDirectories('data', { env: { XDG_DATA_HOME: '' }, home, platform })).toEqual([
      '/home/someone/.local/share/openeo-python-client',
    ])
  })
  test('on macOS', () => {
    const there = { env: {}, home, platform: 'darwin' as const }
    expect(candidateDirectories('config', there)).toEqual([
      '/home/someone/Library/Preferences/openeo-python-client',
      '/home/someone/.config/openeo-python-client',
    ])
    expect(candidateDirectories('data', there)).toEqual([
      '/home/someone/Library/openeo-python-client',
      '/home/someone/.local/share/openeo-python-client',
    ])
  })
  test('on Windows both files share a directory', () => {
    const there = { env: { APPDATA: '/roaming' }, home, platform: 'win32' as const }
    expect(candidateDirectories('config', there)[0]).toBe('/roaming/openeo-python-client')
    expect(candidateDirectories('data', there)[0]).toBe('/roaming/openeo-python-client')
  })
  test('OPENEO_CONFIG_HOME comes first for both, without the name of the application and without expanding ~', () => {
    const env = { OPENEO_CONFIG_HOME: '~/och', XDG_CONFIG_HOME: '~/xdg' }
    expect(candidateDirectories('config', { env, home, platform }).slice(0, 2)).toEqual([
      join(process.cwd(), '~/och'),
      '/home/someone/xdg/openeo-python-client',
    ])
    expect(candidateDirectories('data', { env: { OPENEO_CONFIG_HOME: '/och' }, home, platform })[0]).toBe('/och')
  })
})

describe('which one is used', () => {
  test('one that cannot be made is passed over, as the Python client does', () => {
    const home = temporaryDirectory()
    const file = join(home, 'a-file')
    writeFileSync(file, '')
    const surroundings = {
      env: { XDG_CONFIG_HOME: file, OPENEO_CONFIG_HOME: '/dev/null/x' },
      home,
      platform: 'linux' as const,
    }
    expect(authConfigFile(surroundings).path).toBe(join(home, '.config/openeo-python-client/auth-config.json'))
  })

  test('one that exists beats a better one that does not, for each file by itself', () => {
    const home = temporaryDirectory()
    mkdirSync(join(home, '.config/openeo-python-client'), { recursive: true })
    const env = { OPENEO_CONFIG_HOME: join(home, 'new') }
    expect(authConfigFile({ env, home, platform }).path).toBe(
      join(home, '.config/openeo-python-client/auth-config.json'),
    )
    expect(refreshTokensFile({ env, home, platform }).path).toBe(join(home, 'new/refresh-tokens.json'))
  })
  test('asking, reading and looking create nothing', async () => {
    const home = temporaryDirectory()
    const store = fileStore({ env: {}, home, platform })
    expect(refreshTokensFile({ env: {}, home, platform }).size).toBeUndefined()
    expect(await store.get(key)).toBeUndefined()
    expect(store.peek(key)).toBeUndefined()
    for await (const found of store.keys()) expect(found).toBeUndefined()
    expect(await authConfig({ env: {}, home, platform }).basic('x')).toBeUndefined()
    expect(readdirSync(home)).toEqual([])
  })
  test('the first one that can be made is made, closed to others', async () => {
    const home = temporaryDirectory()
    writeFileSync(join(home, 'a-file'), '')
    const env = { XDG_DATA_HOME: join(home, 'a-file'), XDG_CONFIG_HOME: join(home, 'a-file') }
    await fileStore({ env, home, platform }).update(key, async () => login('rt'))
    await authConfig({ env, home, platform }).setBasic('oeo.test', { username: 'u' })
    for (const made of [
      '.local/share/openeo-python-client',
      '.local/share/openeo-python-client/latchkey',
      '.config/openeo-python-client',
    ]) {
      expect(statSync(join(home, made)).mode & 0o777).toBe(0o700)
    }
    expect(refreshTokensFile({ env, home, platform })).toMatchObject({ mode: 0o600 })
  })
  test('with no place at all the error says so', async () => {
    const home = temporaryDirectory()
    writeFileSync(join(home, 'a-file'), '')
    const store = fileStore({
      env: { OPENEO_CONFIG_HOME: join(home, 'a-file/x') },
      home: join(home, 'a-file'),
      platform,
    })
    await expect(store.update(key, async () => login('rt'))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining("Failed to find user dir for 'openeo-python-client'"),
    })
  })
  test('a directory means the file in it, anything else is the file', async () => {
    const directory = temporaryDirectory()
    expect(refreshTokensFile({ path: directory }).path).toBe(join(directory, 'refresh-tokens.json'))
    expect(refreshTokensFile({ path: join(directory, 'other.json') }).path).toBe(join(directory, 'other.json'))
  })
  test('the directory of a given file is not made', async () => {
    const directory = temporaryDirectory()
    const store = fileStore({ path: join(directory, 'missing/tokens.json') })
    expect(await store.get(key)).toBeUndefined()
    await expect(store.update(key, async () => login('rt'))).rejects.toMatchObject({ code: 'STORE_WRITE' })
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('symbolic links', () => {
  test('a link is followed: the file is replaced, the link stays, and our own files are beside the file', async () => {
    const directory = temporaryDirectory()
    mkdirSync(join(directory, 'dotfiles'))
    mkdirSync(join(directory, 'data'))
    const real = join(directory, 'dotfiles/refresh-tokens.json')
    writeFileSync(real, '{}', { mode: 0o600 })
    symlinkSync(real, join(directory, 'data/refresh-tokens.json'))
    await fileStore({ path: join(directory, 'data') }).update(key, async () => login('rt'))
    expect(tokensIn(real)).toEqual({ [key.issuer]: { [key.clientId]: 'rt' } })
    expect(
      readdirSync(join(directory, 'data'), { withFileTypes: true }).map((entry) => entry.isSymbolicLink()),
    ).toEqual([true])
    expect(readdirSync(join(directory, 'dotfiles')).toSorted()).toEqual(['latchkey', 'refresh-tokens.json'])
  })
  test.each(['nowhere.json', 'refresh-tokens.json'])(
    'a link to %s is refused and nothing is created',
    async (target) => {
      const directory = temporaryDirectory()
      symlinkSync(join(directory, target), join(directory, 'refresh-tokens.json'))
      const store = fileStore({ path: join(directory, 'refresh-tokens.json') })
      await expect(store.get(key)).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
      await expect(store.update(key, async () => login('rt'))).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
      expect(readdirSync(directory)).toEqual(['refresh-tokens.json'])
    },
  )
})
