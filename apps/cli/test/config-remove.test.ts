import { readFileSync } from 'node:fs'
import { authConfig } from '@latchkey/file-store'
import { describe, expect, it } from 'vitest'
import { main } from '../src/main.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './support/fake-io.ts'
import { type Home, home } from './support/home.ts'

const backend = 'https://openeo.example.com'
const backends = (at: Home): unknown => (JSON.parse(readFileSync(at.config, 'utf8')) as { backends: unknown }).backends

async function filled(): Promise<Home> {
  const at = home()
  const config = authConfig({ env: at.env })
  await config.setBasic(backend, { username: 'john', password: 'j0hn123' })
  await config.setOidcClient(backend, 'egi', { clientId: 'c', clientSecret: 's', issuer: 'https://egi.test/' })
  await config.setOidcClient(backend, 'eoepca', { issuer: 'https://eoepca.test' })
  await config.setBasic('https://other.example.com', { username: 'eve', password: 'x' })
  return at
}

async function run(at: Home, words: readonly string[], more: FakeIoOptions = {}): Promise<FakeIo & { code: number }> {
  const io = fakeIo({ env: at.env, ...more })
  return { ...io, code: await main(['config-remove', ...words], io) }
}

describe('auth config-remove', () => {
  it('removes all of a back-end and nothing of the others, once somebody agrees', async () => {
    const at = await filled()
    const what = `user and password, provider egi, provider eoepca of openeo.example.com`
    const kept = await run(at, ['openeo.example.com'], { terminal: true, input: 'no\n' })
    expect([kept.code, kept.stdout()]).toEqual([0, `Keeping ${what}.\n`])
    expect(kept.stderr()).toBe(`Remove ${what} from ${at.config}? 'y' or 'n': `)
    const gone = await run(at, ['openeo.example.com'], { terminal: true, input: 'y\n' })
    expect([gone.code, gone.stdout()]).toEqual([0, `Removed ${what} from ${at.config}.\n`])
    expect(backends(at)).toEqual({ 'https://other.example.com': { basic: expect.anything() } })
  })

  it.each([
    [['--basic'], ['oidc']],
    [['--provider-id=egi'], ['basic', 'oidc']],
    [['--basic', '--provider-id=eoepca'], ['oidc']],
  ])('with %j leaves the rest', async (options, left) => {
    const at = await filled()
    expect((await run(at, [backend, '--force', ...options])).code).toBe(0)
    expect(Object.keys((backends(at) as Record<string, object>)[backend] ?? {})).toEqual(left)
  })

  it('removes nothing where nobody answers', async () => {
    const at = await filled()
    const { code, stdout, stderr } = await run(at, [backend])
    expect([code, stdout()]).toEqual([2, ''])
    expect(stderr()).toContain('--force')
    expect(Object.keys(backends(at) as object)).toContain(backend)
  })

  it.each([[['unknown.example.com']], [[backend, '--provider-id=none']]])(
    'of %j says that there is none, and makes no file',
    async (words) => {
      const at = words[0] === backend ? await filled() : home()
      const { code, stdout } = await run(at, words)
      expect([code, stdout()]).toEqual([0, `No such configuration of ${words[0]} in ${at.config}.\n`])
    },
  )
})
