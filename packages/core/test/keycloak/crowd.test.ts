import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { loginKey, session } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'
import { expect, onTestFinished, test } from 'vitest'
import { claimsOf, onKeycloak } from './real-keycloak.ts'

const program = fileURLToPath(import.meta.resolve('./caller.ts'))

/** What a process of the crowd printed. */
interface Said {
  readonly token?: string
  readonly error?: string
}

async function processes(args: readonly string[]): Promise<readonly Said[]> {
  const run = promisify(execFile)
  const all = Array.from({ length: 16 }, () => run(process.execPath, [program, ...args]))
  return (await Promise.all(all)).map(({ stdout }) => JSON.parse(stdout) as Said)
}

onKeycloak('16 processes with one rotating offline token, whose second use ends the login', (at) => {
  test('are one refresh and all served, and the login lives on', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey-keycloak-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const path = join(directory, 'refresh-tokens.json')
    const { username } = await at.user()
    const { refreshToken } = await at.issue({ username })
    const key = loginKey({ issuer: at.issuer, clientId: 'script' })
    await fileStore({ path }).update(key, async () => ({ refreshToken, tokens: {} }))
    const said = await processes([path, at.issuer])
    expect(said.flatMap(({ error }) => error ?? [])).toEqual([])
    expect(said).toHaveLength(16)
    const [one, ...others] = new Set(said.map(({ token }) => token))
    expect(others).toEqual([])
    expect(claimsOf(one)).toMatchObject({ preferred_username: username })
    const later = session({ issuer: at.issuer, clientId: 'script', store: fileStore({ path }) })
    const token = await later.getToken()
    expect(token.accessToken).toBe(one)
    expect((await later.getToken({ rejected: token })).accessToken).not.toBe(one)
  })
})
