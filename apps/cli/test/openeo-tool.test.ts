import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { auth, type Ended } from './support/auth.ts'
import { type Home, home, privateFile } from './support/home.ts'
import { absent, type OpeneoTool, openeoTool, type ToolEnded } from './support/openeo-tool.ts'

interface Run {
  readonly words: readonly string[]
  readonly input?: string
}

let tool: OpeneoTool

beforeAll(() => {
  if (!absent) tool = openeoTool()
})
afterAll(() => tool?.close())

async function both(one: Home, other: Home, { words, input }: Run): Promise<readonly [Ended, ToolEnded]> {
  return Promise.all([auth(words, { env: one.env, input }), tool.start(words, other, input).ended])
}

const config = `{"backends": {"https://openeo.example.com": {"basic": {"date": "2026-01-02T03:04:05Z", "username": "jo\\u00e9\\u007f", "password": "pw"},
 "oidc": {"providers": {"egi": {"date": "x", "client_id": "c", "client_secret": null, "issuer": "https://aai.egi.eu/"}}}}},
 "metadata": {"type": "AuthConfig", "version": 1, "list": [{"password": "kept"}], "empty": [], "none": {}}, "general": {"a": 1.0, "b": 12345678901234567890, "c": 1e400, "d": NaN, "e": true, "10": 1, "2": 2}}`
const tokens = `{"https://iam.example.org": {"client-\\u00e9": {"date": "2026-01-02T03:04:05Z", "refresh_token": "t\\u00f6k"}, "10": {"refresh_token": null}, "__proto__": {"refresh_token": "x"}}}`

const runs: readonly Run[] = [
  { words: ['paths'] },
  { words: ['config-dump'] },
  { words: ['config', '--show-secrets'] },
  { words: ['token-dump'] },
  { words: ['tokens', '--show-secrets'] },
  { words: ['token-clear'], input: 'no\n' },
  { words: ['token-clear'], input: ' y\n' },
  { words: ['token-clear'], input: 'Yes\n' },
  { words: ['token-clear', '--force'] },
  { words: ['token-clear', '-f'] },
]

/** The same files under the same path, one home after the other: paths are part of what is printed. */
function filled(at: Home): Home {
  privateFile(at.config, config)
  privateFile(at.tokens, tokens)
  return at
}

describe.skipIf(absent).concurrent('the openEO tool (peer: openEO Python client)', () => {
  it.for(runs.map((run) => [[...run.words, run.input ?? ''].join(' ').trim(), run] as const))(
    '%j prints the same on stdout',
    async ([, run], { expect, onTestFinished }) => {
      const at = filled(home(onTestFinished))
      const copy = filled(home(onTestFinished))
      const [ours, theirs] = await both(at, copy, run)
      // The two homes have names of the same length.
      expect(ours.stdout).toBe(theirs.stdout.replaceAll(copy.path, at.path))
      expect([ours.code, theirs.code]).toEqual([0, 0])
      expect(existsSync(at.tokens)).toBe(existsSync(copy.tokens))
    },
  )

  it.for([['paths'], ['config-dump'], ['token-dump'], ['token-clear']])(
    '%j without files prints the same on stdout',
    async (words, { expect, onTestFinished }) => {
      const at = home(onTestFinished)
      const copy = home(onTestFinished)
      const [ours, theirs] = await both(at, copy, { words })
      expect(ours.stdout).toBe(theirs.stdout.replaceAll(copy.path, at.path))
      expect(ours.code === 0).toBe(theirs.code === 0)
    },
  )

  it.for([['config-dump'], ['token-dump'], ['paths']])(
    '%j of files that others may read prints the same on stdout',
    async (words, { expect, onTestFinished }) => {
      const at = filled(home(onTestFinished))
      const copy = filled(home(onTestFinished))
      for (const file of [at.config, at.tokens, copy.config, copy.tokens]) chmodSync(file, 0o640)
      const [ours, theirs] = await both(at, copy, { words })
      expect(ours.stdout).toBe(theirs.stdout.replaceAll(copy.path, at.path))
      expect(ours.code === 0).toBe(theirs.code === 0)
      expect(ours.stderr).not.toContain('Traceback')
    },
  )

  it.for<Readonly<Record<string, string>>>([
    { OPENEO_CONFIG_HOME: 'och' },
    { XDG_CONFIG_HOME: 'xc', XDG_DATA_HOME: 'xd' },
  ])('%j leads to the same paths', async (variables, { expect, onTestFinished }) => {
    const inside = (at: Home): Home => {
      // One of the directories exists, the other does not: that decides, not the order of the variables.
      for (const name of ['och', 'xd/openeo-python-client']) mkdirSync(join(at.path, name), { recursive: true })
      const more = Object.entries(variables).map(([name, value]) => [name, join(at.path, value)])
      return { ...at, env: { ...at.env, ...Object.fromEntries(more) } }
    }
    const at = inside(home(onTestFinished))
    const copy = inside(home(onTestFinished))
    const [ours, theirs] = await both(at, copy, { words: ['paths'] })
    expect(ours.stdout).toBe(theirs.stdout.replaceAll(copy.path, at.path))
  })
})
