import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Login } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'
import { expect, test } from 'vitest'
import { key, login, tokensIn } from './support/example.ts'
import { runNode, startNode } from './support/run-node.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const full = process.env['LATCHKEY_SCALE'] === 'full'
const crowd = full ? 64 : 16
const kills = full ? 200 : 40

test(`${crowd} processes each store a login of their own: all are there`, async () => {
  const path = temporaryDirectory()
  const names = Array.from({ length: crowd }, (_, index) => `client-${index}`)
  const ended = await Promise.all(names.map((name) => runNode('store-login', [path, name])))
  expect(ended.filter(({ code, stderr }) => code !== 0 || stderr !== '')).toEqual([])
  const file = join(path, 'refresh-tokens.json')
  expect(tokensIn(file)[key.issuer]).toEqual(Object.fromEntries(names.map((name) => [name, `token-of-${name}`])))
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

const numberOf = (login: Login | undefined): number => {
  const answer = login?.unfinished?.answer
  const token =
    answer === undefined ? login?.refreshToken : (JSON.parse(answer) as { refresh_token: string }).refresh_token
  return Number(token?.slice('rt-'.length))
}

test(`w16: ${kills} kills at random moments of a rotation: no token is lost once its answer was handed over`, async () => {
  const seed = Number(process.env['LATCHKEY_SEED'] ?? Date.now() % 1_000_000)
  process.stdout.write(`delays before the kills: seed ${seed}\n`)
  const path = temporaryDirectory()
  const store = fileStore({ path })
  await store.update(key, async () => login('rt-0'))
  const lost: string[] = []
  let random = seed
  let handed = 0
  for (let round = 0; round < kills; round++) {
    const running = startNode('renew-for-ever', [path])
    await running.said('ready')
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
    await new Promise((resolve) => setTimeout(resolve, (random / 2_147_483_648) * 25))
    running.child.kill('SIGKILL')
    const { stdout, stderr } = await running.ended
    handed = Math.max(handed, ...[...stdout.matchAll(/handed (\d+)/g)].map(([, number]) => Number(number)))
    const found = numberOf(await store.get(key))
    if (!(found >= handed) || stderr !== '')
      lost.push(`round ${round}: handed over ${handed}, found ${found} ${stderr}`)
    JSON.parse(readFileSync(join(path, 'refresh-tokens.json'), 'utf8'))
  }
  expect(lost).toEqual([])
  // Enough of them came so far for the rest to mean something; a busy machine gets less far.
  expect(handed).toBeGreaterThan(kills / 4)
  const litter = readdirSync(join(path, 'latchkey')).filter((name) => name.endsWith('.tmp'))
  expect(litter.length).toBeLessThanOrEqual(1)
  expect(readdirSync(path).toSorted()).toEqual(['latchkey', 'refresh-tokens.json'])
})
