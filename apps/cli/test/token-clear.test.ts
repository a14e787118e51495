import { statSync } from 'node:fs'
import type { LoginKey } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import { main } from '../src/main.ts'
import { type FakeIo, type FakeIoOptions, fakeIo } from './support/fake-io.ts'
import { home, privateFile } from './support/home.ts'
import { store, storedToken } from './support/stored.ts'

const key: LoginKey = { issuer: 'https://iam.example.org', clientId: 'script' }

async function run(words: readonly string[], options: FakeIoOptions = {}): Promise<FakeIo & { readonly code: number }> {
  const io = fakeIo(options)
  return { ...io, code: await main(words, io) }
}

describe('auth token-clear', () => {
  const question = (path: string): string => `Remove refresh token file ${path}? 'y' or 'n': `

  it('asks on a terminal, on stderr, and keeps the file unless the answer begins with y', async () => {
    const { env, tokens } = home()
    privateFile(tokens, '{}')
    const kept = await run(['token-clear'], { env, terminal: true, input: ' y' })
    expect([kept.code, kept.stdout(), kept.stderr()]).toEqual([0, 'Keeping refresh token file.\n', question(tokens)])
    const gone = await run(['token-clear'], { env, terminal: true, input: 'Yes' })
    expect([gone.code, gone.stdout()]).toEqual([0, `Removed refresh token file ${tokens}.\n`])
    expect(statSync(tokens, { throwIfNoEntry: false })).toBeUndefined()
  })

  it('takes an answer from a pipe, and where none comes asks for --force without a word on stdout', async () => {
    const { env, tokens } = home()
    privateFile(tokens, '{}')
    const none = await run(['token-clear'], { env })
    expect([none.code, none.stdout()]).toEqual([2, ''])
    expect(none.stderr()).toContain('--force')
    expect(statSync(tokens).isFile()).toBe(true)
    const piped = await run(['token-clear'], { env, input: 'y\n' })
    expect([piped.code, piped.stdout()]).toEqual([0, `${question(tokens)}Removed refresh token file ${tokens}.\n`])
  })

  it('--force removes the tokens we keep beside the file too', async () => {
    const { env } = home()
    await store(env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    await store(env, { ...key, account: 'work' }, { refreshToken: 'rt2', tokens: {} })
    expect((await run(['token-clear', '-f'], { env })).code).toBe(0)
    expect(JSON.parse((await run(['status', '--json'], { env })).stdout())).toEqual([])
  })
})

describe('auth token-clear ISSUER', () => {
  const other: LoginKey = { issuer: 'https://other.example.org', clientId: 'script' }

  async function several(): Promise<Readonly<Record<string, string>>> {
    const { env } = home()
    for (const one of [key, { ...key, clientId: 'second' }, { ...key, account: 'work' }, other])
      await store(env, one, { refreshToken: 'rt', tokens: {} })
    return env
  }

  const left = async (env: Readonly<Record<string, string>>): Promise<unknown> => {
    const rows = JSON.parse((await run(['status', '--json'], { env })).stdout()) as Record<string, string | null>[]
    return rows
      .map((row) => [row['issuer']?.slice(8, 13), row['client_id'], row['account']].join(' ').trim())
      .toSorted()
  }

  it.each([
    [['iam.example.org'], ['other script']],
    [
      ['iam.example.org', 'second'],
      ['iam.e script', 'iam.e script work', 'other script'],
    ],
    [
      ['iam.example.org', 'script', '--account=work'],
      ['iam.e script', 'iam.e second', 'other script'],
    ],
    [['https://other.example.org/'], ['iam.e script', 'iam.e script work', 'iam.e second']],
    [['nobody.example.org'], ['iam.e script', 'iam.e script work', 'iam.e second', 'other script']],
  ])('%j removes those and leaves the rest', async (words, expected) => {
    const env = await several()
    expect((await run(['token-clear', '--force', ...words], { env })).code).toBe(0)
    expect(await left(env)).toEqual(expected)
  })

  it('asks first, naming what goes', async () => {
    const env = await several()
    const what = 'the login of client second at https://iam.example.org'
    const kept = await run(['token-clear', key.issuer, 'second'], { env, terminal: true, input: 'n\n' })
    expect([kept.stdout(), kept.stderr()]).toEqual([`Keeping ${what}.\n`, `Remove ${what}? 'y' or 'n': `])
    const none = await run(['token-clear', key.issuer, 'second'], { env })
    expect([none.code, none.stderr()]).toEqual([2, expect.stringContaining('--force')])
    const gone = await run(['token-clear', key.issuer, 'second'], { env, input: 'y\n' })
    expect(gone.stdout()).toBe(`Remove ${what}? 'y' or 'n': Removed ${what}.\n`)
    expect((await run(['token-clear', '--account=work'], { env })).code).toBe(2)
  })
})
