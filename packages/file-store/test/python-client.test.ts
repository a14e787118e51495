import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { authConfig, fileStore } from '@latchkey/file-store'
import { pythonClient } from '@latchkey/testkit'
import { describe, expect, test } from 'vitest'
import { key, login, rotateTo } from './support/example.ts'
import { runNode } from './support/run-node.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const { python, absent } = pythonClient()
const full = process.env['LATCHKEY_SCALE'] === 'full'

interface Count {
  readonly stored: number
  readonly lost: number
  /** How many, or which. */
  readonly errors: unknown
}

const runPython = (program: string, ...args: string[]): string => {
  const prelude =
    'import sys, pathlib\nfrom openeo.rest.auth.config import AuthConfig, RefreshTokenStore\npath = pathlib.Path(sys.argv[1])\n'
  const { stdout, stderr, status } = spawnSync(python, ['-c', prelude + program, ...args])
  if (status !== 0) throw new Error(String(stderr))
  return stdout.toString().trim()
}

function pythonWriter(path: string, name: string, { pause, seconds, turns }: Setting): Promise<Count> {
  const script = new URL('./programs/python-writer.py', import.meta.url).pathname
  const args = [path, name, String(pause), String(seconds), ...(turns ? [join(path, 'turns')] : [])]
  const child = spawn(python, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (data) => (text += String(data)))
    child.on('error', reject)
    child.on('close', () => resolve(JSON.parse(text) as Count))
  })
}

async function ourWriter(path: string, name: string, seconds: number): Promise<Count> {
  const { stdout, stderr } = await runNode('our-writer', [path, name, String(seconds)])
  if (stderr !== '') throw new Error(stderr)
  return JSON.parse(stdout) as Count
}

interface Setting {
  readonly pythons: number
  readonly pause: number
  readonly seconds: number
  /** Python writers keep out of each other's way, so that what is lost is not lost among themselves. */
  readonly turns?: boolean
}

/** Some Python writers and four of ours, each with a login of its own, all at once. */
async function together(setting: Setting): Promise<{ theirs: readonly Count[]; ours: readonly Count[] }> {
  const path = temporaryDirectory()
  const names = Array.from({ length: setting.pythons }, (_, index) => `python${index}`)
  // All entries are there from the start and none changes its length: two Python writers that write at one time then
  // leave no rest of the longer one behind, which no reader could parse ever again.
  const store = fileStore({ path })
  for (const name of names) {
    await store.update({ issuer: 'https://python.example.org', clientId: name }, async () => ({
      refreshToken: `${name}-000000`,
      tokens: {},
    }))
  }
  const ourNames = ['ours0', 'ours1', 'ours2', 'ours3']
  for (const name of ourNames) {
    await store.update({ issuer: 'https://ours.example.org', clientId: name }, async () => ({
      refreshToken: `${name}-000000`,
      tokens: {},
    }))
  }
  const running = names.map((name) => pythonWriter(path, name, setting))
  const ours = await Promise.all(ourNames.map((name) => ourWriter(path, name, setting.seconds)))
  return { theirs: await Promise.all(running), ours }
}

const sum = (counts: readonly Count[], what: 'stored' | 'lost'): number =>
  counts.reduce((total, count) => total + count[what], 0)

describe.skipIf(absent)('with the openEO Python client', () => {
  test('one Python writer and four of ours: none of ours is lost, and theirs are carried over', async () => {
    const { theirs, ours } = await together({ pythons: 1, pause: 0.02, seconds: full ? 20 : 4 })
    process.stdout.write(`Python stored ${sum(theirs, 'stored')}, ours ${sum(ours, 'stored')}\n`)
    expect(ours.map(({ errors }) => errors)).toEqual([[], [], [], []])
    expect(sum(ours, 'lost')).toBe(0)
    expect(sum(theirs, 'lost')).toBe(0)
    expect(theirs[0]?.errors).toBe(0)
    expect(sum(theirs, 'stored')).toBeGreaterThan(10)
  })

  test('four that take turns among themselves, and four of ours: none of ours is lost, and theirs are carried over', async () => {
    const { theirs, ours } = await together({ pythons: 4, pause: 0.05, seconds: full ? 8 : 3, turns: true })
    process.stdout.write(
      `Python stored ${sum(theirs, 'stored')}, lost ${sum(theirs, 'lost')}; ours ${sum(ours, 'stored')}\n`,
    )
    expect(ours.map(({ errors }) => errors)).toEqual([[], [], [], []])
    expect(sum(ours, 'lost')).toBe(0)
    // One Python writer in the replaced file and the next one reading before we have carried it over: about 1 in 4,000.
    expect(sum(theirs, 'lost')).toBeLessThanOrEqual(Math.max(1, sum(theirs, 'stored') / 200))
  })

  test('four that do not, and four of ours: none of ours is lost', async () => {
    const { ours } = await together({ pythons: 4, pause: 0.05, seconds: full ? 8 : 3 })
    expect(ours.map(({ errors }) => errors)).toEqual([[], [], [], []])
    expect(sum(ours, 'lost')).toBe(0)
  })

  test('it reads what we write, and we what it writes', async () => {
    const path = temporaryDirectory()
    const store = fileStore({ path })
    await store.update({ ...key, clientId: 'client-é' }, async () => ({ refreshToken: 'tök', tokens: {} }))
    expect(
      runPython(
        'print(ascii(RefreshTokenStore(path).get_refresh_token("https://iam.example.org/", "client-é")))',
        path,
      ),
    ).toBe("'t\\xf6k'")
    runPython('RefreshTokenStore(path).set_refresh_token("https://iam.example.org//", "a-script", "from-python")', path)
    expect((await store.get(key))?.refreshToken).toBe('from-python')
    await store.update(key, rotateTo('rt-2'))
    expect(
      runPython('print(RefreshTokenStore(path).get_refresh_token("https://iam.example.org", "a-script"))', path),
    ).toBe('rt-2')
  })

  test('its refusals have the same words', async () => {
    const path = temporaryDirectory()
    runPython(
      'RefreshTokenStore(path).set_refresh_token("i", "c", "t")\npath.joinpath("refresh-tokens.json").chmod(0o640)',
      path,
    )
    const said = runPython(
      'try: RefreshTokenStore(path).get_refresh_token("i", "c")\nexcept PermissionError as e: print(e)',
      path,
    )
    await expect(fileStore({ path }).get(key)).rejects.toThrow(said)
  })

  test('both write auth-config.json alike, but for who created it and when', async () => {
    const [theirs, ours] = [temporaryDirectory(), temporaryDirectory()]
    runPython(
      `config = AuthConfig(path)
config.set_oidc_client_config("https://b.test/", "10", None, None, None)
config.set_basic_auth("https://b.test", "jöhn", None)
config.set_oidc_client_config("https://b.test/", "2", "id", "s", "https://i/")
config.set_basic_auth("https://b.test", "john", "p")
config.set_oidc_client_config("https://b.test/", "10", "x", None, "https://j/")`,
      theirs,
    )
    const config = authConfig({ path: ours })
    await config.setOidcClient('https://b.test/', '10', {})
    await config.setBasic('https://b.test', { username: 'jöhn' })
    await config.setOidcClient('https://b.test/', '2', { clientId: 'id', clientSecret: 's', issuer: 'https://i/' })
    await config.setBasic('https://b.test', { username: 'john', password: 'p' })
    await config.setOidcClient('https://b.test/', '10', { clientId: 'x', issuer: 'https://j/' })
    const text = (path: string): string =>
      readFileSync(join(path, 'auth-config.json'), 'utf8')
        .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'DATE')
        .replace(/"created_by": "[^"]*"/, '')
    expect(text(ours)).toBe(text(theirs))
  })

  test('both choose the same directories', async () => {
    const home = temporaryDirectory()
    const env = { HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_CONFIG_HOME: '' }
    await fileStore({ env }).update(key, async () => login('rt'))
    await authConfig({ env }).setBasic('https://b.test', { username: 'u' })
    const program = 'print(RefreshTokenStore().path)\nprint(AuthConfig().path)'
    const { stdout } = spawnSync(
      python,
      ['-c', `from openeo.rest.auth.config import AuthConfig, RefreshTokenStore\n${program}`],
      {
        env: { ...process.env, ...env, OPENEO_CONFIG_HOME: '' },
      },
    )
    const paths = stdout.toString().trim().split('\n')
    expect(paths.map((path) => existsSync(path) && statSync(path).mode & 0o777)).toEqual([0o600, 0o600])
  })
})
