import { readFileSync } from 'node:fs'
import { scriptedIssuer } from '@latchkey/testkit'
import { describe, test } from 'vitest'
import { sha256 } from './support/example.ts'
import type { Said, Sent } from './support/python-login.ts'
import { runNode } from './support/run-node.ts'
import { sentRefreshToken } from './support/sent-refresh-token.ts'
import {
  expectWhole,
  type Finished,
  file,
  peer,
  type Shared,
  scope,
  shared,
  store,
  withProvider,
} from './support/shared-login.ts'

const full = process.env['LATCHKEY_SCALE'] === 'full'
const granted = 'openid offline_access email read write'

/** An issuer that rotates, and refuses what was spent without ending the login: whoever has the newest token goes on. */
async function rotatingIssuer(
  finished: Finished,
): Promise<{ readonly issuer: string; readonly first: string; current(): string }> {
  let count = 0
  const value = (): string => `rt-${sha256(Buffer.from(String(count))).slice(0, 12)}-${count}`
  const at = await scriptedIssuer(
    [
      {
        request: 'POST /token',
        times: Number.POSITIVE_INFINITY,
        reply: ({ form }) => {
          if (form['refresh_token'] !== value()) return { status: 400, body: { error: 'invalid_grant' } }
          count++
          const body = { access_token: `at-${count}`, token_type: 'Bearer', expires_in: 1, refresh_token: value() }
          // The answer takes a while, as over a network: meanwhile the old token is spent and the new one nowhere.
          return { body, delay: 5 + Math.random() * 20 }
        },
      },
    ],
    { metadata: { scopes_supported: ['openid', 'email', 'offline_access'] } },
  )
  finished(() => at.close())
  return { issuer: at.issuer, first: value(), current: value }
}

interface Crowd {
  readonly theirs: readonly Said[]
  readonly ours: readonly { readonly tokens: number; readonly sent: readonly Sent[]; readonly errors: object }[]
}

/** Two Python processes and three of ours renew the login that is stored, all at once. */
async function crowd({ path, issuer, python }: Shared, seconds: number, pause: number): Promise<Crowd> {
  const pythons = [python(), python()]
  const theirs = pythons.map((one) => one.ask(`renew ${seconds} ${pause}`))
  const ours = await Promise.all([0, 1, 2].map(() => runNode('renew-login', [path, issuer, String(seconds)])))
  const said = await Promise.all(theirs)
  await Promise.all(pythons.map((one) => one.close()))
  for (const { stderr } of ours) if (stderr !== '') throw new Error(stderr)
  return { theirs: said, ours: ours.map(({ stdout }) => JSON.parse(stdout) as Crowd['ours'][number]) }
}

const tokensOf = (sent: readonly (readonly Sent[] | undefined)[]): readonly string[] =>
  sent.flatMap((one) => (one ?? []).map(([token]) => token))

const twice = (tokens: readonly string[]): readonly string[] => [
  ...new Set(tokens.filter((token, index) => tokens.indexOf(token) !== index)),
]

describe.skipIf(peer.absent)(
  'a rotating login that the real openEO Python client (peer) and we renew at once',
  { timeout: peer.timeout },
  () => {
    test('is found again when Python rotated it between our reading and our sending', async ({
      expect,
      onTestFinished: finished,
    }) => {
      const at = await rotatingIssuer(finished)
      const { path, issuer, python, ours } = await shared(finished, at.issuer, () => ({
        clientId: 'script',
        login: 'marie',
        scope,
      }))
      await store(path, issuer, at.first)
      const their = python()
      const sent: unknown[] = []
      const login = ours({
        fetch: async (input, init) => {
          const token = sentRefreshToken(init)
          if (token !== undefined) sent.push(token)
          if (token === at.first) expect(await their.ask('login')).toMatchObject({ sent: [[at.first, 200]] })
          return fetch(input, init)
        },
      })
      await expect(login.getToken()).resolves.toMatchObject({ accessToken: 'at-2' })
      expect(sent).toEqual([at.first, expect.stringMatching(/-1$/)])
      expect(readFileSync(file(path), 'utf8')).toContain(at.current())
      await their.close()
      expectWhole(path, expect)
    })

    test('lives on where the issuer forgives a spent token: whoever rotated it, we find the newest one', async ({
      expect,
      onTestFinished: finished,
    }) => {
      const at = await rotatingIssuer(finished)
      const both = await shared(finished, at.issuer, () => ({ clientId: 'script', login: 'marie', scope }))
      await store(both.path, both.issuer, at.first)
      const { theirs, ours } = await crowd(both, full ? 20 : 2.5, 0.05)
      const theirTokens = tokensOf(theirs.map(({ sent }) => sent))
      const ourTokens = tokensOf(ours.map(({ sent }) => sent))
      process.stdout.write(`rotations: ours sent ${ourTokens.length}, Python ${theirTokens.length}\n`)
      expect(Math.min(ourTokens.length, theirTokens.length)).toBeGreaterThan(2)
      expect(twice(ourTokens)).toEqual([])
      await expect(both.ours().getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
      expect(readFileSync(file(both.path), 'utf8')).toContain(at.current())
      expectWhole(both.path, expect)
    })

    test('is ended by an issuer that does not forgive only where Python sent what somebody else sent too', async ({
      expect,
      onTestFinished: finished,
    }) => {
      for (let round = 0; round < (full ? 10 : 1); round++) {
        const both = await withProvider(finished)
        await store(both.path, both.issuer, (await both.at.issue({ scope: granted })).refreshToken)
        const { theirs, ours } = await crowd(both, 1.5, 0.3)
        const theirTokens = tokensOf(theirs.map(({ sent }) => sent))
        const ourTokens = tokensOf(ours.map(({ sent }) => sent))
        expect(twice(ourTokens)).toEqual([])
        const doubled = twice([...theirTokens, ...ourTokens])
        process.stdout.write(`ours sent ${ourTokens.length}, Python ${theirTokens.length}, both ${doubled.length}\n`)
        // We send none twice: whatever was, Python sent.
        expect(both.at.stats.revokedGrants > 0).toBe(doubled.length > 0)
        if (doubled.length === 0) {
          await expect(both.ours().getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
        } else {
          // A new login, by either language, is taken at once.
          await store(both.path, both.issuer, (await both.at.issue()).refreshToken)
          await expect(both.ours().getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
        }
        expectWhole(both.path, expect)
      }
    })
  },
)
