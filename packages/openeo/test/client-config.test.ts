import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { authConfig } from '@latchkey/file-store'
import { type ClientConfig, clientConfig, connect, connectAsConfigured } from '@latchkey/openeo'
import { describe, expect, test } from 'vitest'
import { home, world } from './support/world.ts'

const name = 'openeo-client-config.ini'

function write(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const connection = (...lines: readonly string[]): string => `[Connection]\n${lines.join('\n')}\n`

describe('openeo-client-config.ini', () => {
  test('is looked for in the places of the Python client, in its order; the first is taken whole', () => {
    const { HOME } = home()
    const cwd = join(HOME, 'work')
    const env = {
      HOME,
      OPENEO_CLIENT_CONFIG: join(HOME, 'named.INI'),
      OPENEO_CONFIG_HOME: join(HOME, 'whole'),
      XDG_CONFIG_HOME: join(HOME, 'xdg'),
    }
    const places = [
      join(HOME, `.${name}`),
      join(HOME, 'xdg', 'openeo-python-client', name),
      join(HOME, 'whole', name),
      join(cwd, name),
      join(HOME, 'named.INI'),
    ]
    write(join(HOME, '.config', 'openeo-python-client', name), connection('default_backend = never'))
    const read = (): ClientConfig => clientConfig({ env, cwd })
    expect(read()).toEqual({ autoAuthenticate: 'off', verbose: 'auto', skipped: [] })
    for (const [at, path] of places.entries()) {
      write(
        path,
        at === 0
          ? connection('default_backend = a', 'auto_authenticate = oidc')
          : connection(`default_backend = b${at}`),
      )
      expect(read()).toMatchObject({
        path,
        defaultBackend: at === 0 ? 'a' : `b${at}`,
        autoAuthenticate: at === 0 ? 'oidc' : 'off',
      })
    }
  })

  test('named by OPENEO_CLIENT_CONFIG counts only if it is there and ends in .ini', () => {
    const { HOME } = home()
    const path = write(join(HOME, `.${name}`), connection('default_backend = x'))
    write(join(HOME, 'named.txt'), connection('default_backend = y'))
    for (const named of ['named.txt', 'absent.ini', '']) {
      expect(clientConfig({ env: { HOME, OPENEO_CLIENT_CONFIG: join(HOME, named) }, cwd: HOME }).path).toBe(path)
    }
  })

  test('that cannot be read is passed over with the words of the Python client', () => {
    const { HOME } = home()
    const bad = write(join(HOME, name), 'default_backend = in no section\n')
    const path = write(join(HOME, `.${name}`), connection('default_backend = x'))
    const { skipped, ...found } = clientConfig({ env: { HOME }, cwd: HOME })
    expect(found).toMatchObject({ path, defaultBackend: 'x' })
    expect(skipped).toEqual([
      `Failed to load config from ${bad}: It is no INI file as Python reads it: line 1 stands in no section.`,
    ])
  })

  test('gives its options whatever their case, and refuses a way to authenticate that there is not', () => {
    const { HOME } = home()
    const read = (text: string): ClientConfig => {
      write(join(HOME, name), text)
      return clientConfig({ env: { HOME }, cwd: HOME })
    }
    const text =
      '[general]\nVERBOSE: Print\n[CONNECTION]\nDefault_Backend.Auto_Authenticate = BASIC\nauto_authenticate = OpenID\n'
    expect(read(text)).toMatchObject({
      verbose: 'print',
      autoAuthenticate: 'oidc',
      defaultBackendAutoAuthenticate: 'basic',
    })
    expect(read(connection('auto_authenticate = none')).autoAuthenticate).toBe('off')
    expect(() => read(connection('auto_authenticate = magic'))).toThrow(
      /^Unknown auth type 'magic': connection\.auto_authenticate in /,
    )
    expect(() => read(connection('auto_authenticate = constructor'))).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
  })
})

describe('connecting without an address', () => {
  test('takes the default back-end, and says so where there is none', async () => {
    const at = await world()
    const none = connect(undefined, { env: at.env })
    await expect(none).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(/^No openEO back-end URL given or known to connect to\. /),
    })
    write(join(at.env.HOME, 'openeo', name), connection(`default_backend = ${at.backend.url}/`))
    expect((await connect(undefined, { env: at.env })).root).toBe(at.backend.root)
  })

  test('authenticates as the default back-end wants it, and with an address as any wants it', async () => {
    const at = await world()
    await authConfig({ env: at.env }).setBasic(at.backend.url, { username: 'john', password: 'j0hn123' })
    const file = join(at.env.HOME, 'openeo', name)
    const configured = async (url: string | undefined, ...lines: readonly string[]): Promise<string | undefined> => {
      write(file, connection(`default_backend = ${at.backend.url}`, ...lines))
      return (await connectAsConfigured(url, { env: at.env })).authentication?.method
    }
    const own = 'default_backend.auto_authenticate = basic'
    expect(await configured(undefined, own)).toBe('basic')
    expect(await configured(undefined, own, 'auto_authenticate = off')).toBe('basic')
    expect(
      await configured(undefined, 'default_backend.auto_authenticate = off', 'auto_authenticate = basic'),
    ).toBeUndefined()
    expect(await configured(at.backend.url, own)).toBeUndefined()
    expect(await configured(at.backend.url, 'auto_authenticate = basic')).toBe('basic')
    await expect(configured(undefined, 'auto_authenticate = oidc')).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
  })
})
