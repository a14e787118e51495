import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { bearer, loginKey, memoryStore, session } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { fileStore } from '@latchkey/file-store'
import { protectedApi, provider } from '@latchkey/testkit'
import { row, title } from './print.ts'

const calls = 1_000

async function herd(): Promise<void> {
  const issuer = await provider({ accessTokenTtl: 3600 })
  const api = await protectedApi({ verify: (token) => issuer.verify(token) })
  const store = memoryStore()
  const { refreshToken } = await issuer.issue()
  const key = loginKey({ issuer: issuer.issuer, clientId: 'script' })
  await store.update(key, async () => ({ refreshToken, tokens: {} }))
  const login = session({ ...key, store })
  const fetch = withAuth(bearer(login, api.origin))
  const answers = await Promise.all(Array.from({ length: calls }, () => fetch(`${api.origin}/jobs`)))
  const good = answers.filter(({ status }) => status === 200).length
  await Promise.all(answers.map((answer) => answer.text()))
  row('requests at once on an expired token, answered 200', `${good} of ${calls}`, { text: 'all', met: good === calls })
  row('refreshes for them', String(issuer.stats.refreshes), { text: '1', met: issuer.stats.refreshes === 1 })
  await late(fetch, {
    url: `${api.origin}/jobs`,
    withdraw: async () => issuer.withdraw((await login.getToken()).accessToken),
  })
  const more = issuer.stats.refreshes - 1
  row('refreshes for their late refusals', String(more), { text: '1', met: more === 1 })
  await Promise.all([issuer.close(), api.close()])
}

function caller(path: string, issuer: string): Promise<string> {
  const program = fileURLToPath(import.meta.resolve('../packages/file-store/test/crowd/caller.ts'))
  const child = spawn(process.execPath, [program, path, issuer], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  return new Promise((resolve) => child.on('close', () => resolve(said)))
}

interface Late {
  readonly url: string
  readonly withdraw: () => Promise<void>
}

/** Requests that set out over 300 ms with a token that has just been withdrawn: most refusals come after the renewal. */
async function late(fetch: typeof globalThis.fetch, { url, withdraw }: Late): Promise<void> {
  await withdraw()
  const all = Array.from({ length: calls }, async (_, index) => {
    await delay((index / calls) * 300)
    return (await fetch(url)).status
  })
  const good = (await Promise.all(all)).filter((status) => status === 200).length
  row('requests over 300 ms on a withdrawn token, answered 200', `${good} of ${calls}`, {
    text: 'all',
    met: good === calls,
  })
}

async function processes(count: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const path = join(directory, 'refresh-tokens.json')
  const issuer = await provider({ accessTokenTtl: 3600 })
  const { refreshToken } = await issuer.issue()
  const key = loginKey({ issuer: issuer.issuer, clientId: 'script' })
  await fileStore({ path }).update(key, async () => ({ refreshToken, tokens: {} }))
  const start = performance.now()
  const said = await Promise.all(Array.from({ length: count }, () => caller(path, issuer.issuer)))
  const seconds = (performance.now() - start) / 1000
  const good = said.filter((one) => one.includes('"token"')).length
  const { refreshes, revokedGrants } = issuer.stats
  const met = good === count && refreshes === 1 && revokedGrants === 0
  const value = `${good} ok, ${refreshes} refresh`
  row(`${count} processes on one rotating token (${seconds.toFixed(1)} s, start-up included)`, value, {
    text: 'all, 1 refresh',
    met,
  })
  await issuer.close()
  rmSync(directory, { recursive: true })
}

/** Many callers, one login. */
export async function crowds(): Promise<void> {
  title('Crowds, against the embedded provider (a refresh token used twice ends the login)')
  await herd()
  await processes(16)
  await processes(64)
}
