import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../src/commands.ts'
import { bashScript } from '../src/completion/bash.ts'
import { describedCommands } from '../src/completion/described-commands.ts'
import { main } from '../src/main.ts'
import { started } from './support/auth.ts'
import { fakeIo } from './support/fake-io.ts'
import { home, privateFile } from './support/home.ts'
import { programOnPath } from './support/program.ts'
import { store, storedToken } from './support/stored.ts'

const absent = (command: string): boolean => spawnSync(command, ['--version']).status !== 0
const key = { issuer: 'https://iam.example.org:8443/realms/x', clientId: 'script' }

async function printed(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const io = fakeIo({ env })
  expect(await main(['completion', ...words], io)).toBe(0)
  return io.stdout()
}

/** What bash would offer behind a line, asked of the function that it calls. */
async function offered(line: string): Promise<readonly string[]> {
  const at = home()
  await store(at.env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
  const env = await programOnPath(at)
  const file = join(at.path, 'completion.bash')
  writeFileSync(file, await printed(['bash']))
  const ask = `set -u; source "$1"; COMP_LINE=$2; COMP_POINT=\${#2}; COMP_WORDS=($2); COMP_CWORD=9
    complete -p auth >/dev/null; _auth; printf '%s\\n' \${COMPREPLY[@]+"\${COMPREPLY[@]}"}`
  const { code, stdout, stderr } = await started('bash', ['--norc', '-c', ask, 'bash', file, line], { env }).ended
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\n').filter((word) => word !== '')
}

describe('auth completion', () => {
  it('names what may stand for an issuer: the names, and what is stored', async () => {
    const { env } = home()
    await store(env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    await store(env, { ...key, issuer: 'https://x.test/$(rm)' }, { refreshToken: 'rt', tokens: {} })
    const names = (await printed(['names'], env)).split('\n')
    expect(names).toContain('cdse')
    expect(names).toContain(key.issuer)
    expect(names.join()).not.toContain('$(')
  })

  it('says nothing about files that cannot be read', async () => {
    const { env, tokens } = home()
    privateFile(tokens, '{')
    const io = fakeIo({ env })
    expect([await main(['completion', 'names'], io), io.stderr()]).toEqual([0, ''])
    expect(io.stdout()).toContain('cdse')
  })

  it.each([[[]], [['tcsh']]])('%j is wrong usage', async (words) => {
    const io = fakeIo({ env: home().env })
    expect([await main(['completion', ...words], io), io.stdout()]).toEqual([2, ''])
    expect(io.stderr()).toContain('bash, zsh, fish')
  })

  it('knows every command and every option', async () => {
    const described = await describedCommands()
    const listed = Object.entries(commands).filter(([, { aliasOf }]) => aliasOf === undefined)
    expect(described.map(({ name }) => name)).toEqual(listed.map(([name]) => name))
    const text = bashScript(described)
    for (const { name, options } of described) {
      for (const option of options) expect(text, name).toContain(option.name)
    }
  })
})

describe.skipIf(absent('bash'))('bash (peer: bash)', () => {
  it.each([
    ['auth to', ['token', 'token-dump', 'token-clear']],
    ['auth token --js', ['--json']],
    ['auth login --no-p', ['--no-pkce']],
    ['auth token cd', ['cdse']],
    // bash replaces what stands behind the last colon only.
    ['auth token https://iam', ['//iam.example.org:8443/realms/x']],
    ['auth token https://iam.example.org:84', ['8443/realms/x']],
    ['auth completion z', ['zsh']],
    ['auth login cdse --method ', ['auto', 'browser', 'device', 'paste']],
    ['auth login cdse --method   d', ['device']],
    ['auth oidc-auth x.test --flow a', ['auth-code']],
    ['auth token --client-id cd', []],
    ['auth token --client-secret-file /dev/nul', ['/dev/null']],
    ['auth token --json cd', ['cdse']],
    ['auth login --no-browser cd', ['cdse']],
    ['auth paths x', []],
    ['auth exec cdse -- completely-unknown-comm', []],
  ])('offers behind %j: %j', async (line, expected) => {
    expect(await offered(line)).toEqual(expected)
  })

  it('offers programs behind --', async () => {
    expect(await offered('auth exec cdse -- bas')).toContain('bash')
  })
})

describe.skipIf(absent('fish'))('fish (peer: fish)', () => {
  it('offers behind an option what it may be', async () => {
    const { path, env } = home()
    const file = join(path, 'completion.fish')
    writeFileSync(file, await printed(['fish']))
    const ask =
      'source $argv[1]; complete -C "auth login --method d"; complete -C "auth token --client-secret-file /dev/nul"'
    const { stdout } = await started('fish', ['-N', '-c', ask, file], { env }).ended
    expect(stdout.replaceAll(/\t.*/g, '')).toBe('device\n/dev/null\n')
  })
})

describe.each(['zsh', 'fish'])('%s', (shell) => {
  it.skipIf(absent(shell))(`takes the script (peer: ${shell})`, async () => {
    const { path, env } = home()
    const file = join(path, `completion.${shell}`)
    writeFileSync(file, await printed([shell]))
    const { code, stderr } = await started(shell, ['-n', file], { env }).ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})
