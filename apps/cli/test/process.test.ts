import { closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { provider, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, it } from 'vitest'
import { auth, startAuth } from './support/auth.ts'
import { home, privateFile, pythonTokens } from './support/home.ts'
import { store, storedToken } from './support/stored.ts'

const key = { issuer: 'https://iam.example.org', clientId: 'script' }

describe.concurrent('stdout', () => {
  it.for([['token'], ['--help'], ['status'], ['paths']])(
    'of %j whose reader has gone is no error',
    async (words, { expect, onTestFinished }) => {
      const { env } = home(onTestFinished)
      await store(env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
      const running = await startAuth(words, { env })
      running.child.stdout?.destroy()
      const { code, stderr } = await running.ended
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    },
  )

  it.skipIf(!existsSync('/dev/full'))('that is full is an error', async ({ expect, onTestFinished }) => {
    const { env } = home(onTestFinished)
    await store(env, key, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const { code, stderr } = await auth(['token'], { env, stdout: full })
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'auth: Could not write to stdout: the disk is full.\n' })
  })

  it('takes a document larger than a pipe, however slowly it is read', async ({ expect, onTestFinished }) => {
    const { env, config } = home(onTestFinished)
    privateFile(config, JSON.stringify({ general: { note: 'x'.repeat(300_000) } }))
    const running = await startAuth(['config-dump'], { env })
    running.child.stdout?.pause()
    setTimeout(() => running.child.stdout?.resume(), 300)
    const { code, stdout } = await running.ended
    expect([code, stdout.length > 300_000, stdout.endsWith('}\n')]).toEqual([0, true, true])
  })
})

describe.concurrent('without a terminal', () => {
  it('token-clear does not wait for an answer that nobody gives', async ({ expect, onTestFinished }) => {
    const { env, tokens } = home(onTestFinished)
    privateFile(tokens, '{}')
    for (const open of [false, true]) {
      const { code, stdout, stderr } = await auth(['token-clear'], { env, open })
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('--force')])
    }
    expect(readFileSync(tokens, 'utf8')).toBe('{}')
  })

  it('token fails at once with the command to run', async ({ expect, onTestFinished }) => {
    const { code, stdout, stderr } = await auth(['token', 'cdse'], { env: home(onTestFinished).env, open: true })
    expect([code, stdout, stderr]).toEqual([3, '', expect.stringContaining('auth login cdse')])
  })
})

describe.concurrent('a signal', () => {
  it('while a token is renewed lets the new refresh token reach the disk first', async ({ expect, onTestFinished }) => {
    const issuer = await provider({ tokenDelay: 800, accessTokenTtl: 60 })
    onTestFinished(() => issuer.close())
    const at = home(onTestFinished)
    const { refreshToken } = await issuer.issue()
    privateFile(at.tokens, pythonTokens(issuer.issuer, 'script', refreshToken))
    const running = await startAuth(['token'], { env: at.env })
    await expect.poll(() => issuer.stats.refreshes, { timeout: 10_000, interval: 20 }).toBe(1)
    running.child.kill('SIGTERM')
    const { code, stdout } = await running.ended
    expect([code, stdout]).toEqual([143, ''])
    expect(readFileSync(at.tokens, 'utf8')).not.toContain(refreshToken)
    const next = await auth(['token'], { env: at.env })
    expect(next.code).toBe(0)
    expect([issuer.stats.refreshes, issuer.stats.revokedGrants]).toEqual([1, 0])
  })

  it.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%j: it ends a login that nobody approves with that code',
    async ([signal, expected], { expect, onTestFinished }) => {
      const issuer = await provider()
      onTestFinished(() => issuer.close())
      const at = home(onTestFinished)
      const running = await startAuth(['login', issuer.issuer, '--client-id=script', '--method=device'], {
        env: at.env,
      })
      await running.says(/Ctrl-C ends it/)
      running.child.kill(signal)
      const { code, stderr } = await running.ended
      expect([code, stderr]).toEqual([expected, expect.stringMatching(/auth: Interrupted\.\n$/)])
    },
  )

  it('that comes twice ends the program at once', async ({ expect, onTestFinished }) => {
    const issuer = await provider({ tokenDelay: 4_000 })
    onTestFinished(() => issuer.close())
    const at = home(onTestFinished)
    const { refreshToken } = await issuer.issue()
    privateFile(at.tokens, pythonTokens(issuer.issuer, 'script', refreshToken))
    const running = await startAuth(['token'], { env: at.env })
    await expect.poll(() => issuer.stats.refreshes, { timeout: 10_000, interval: 20 }).toBe(1)
    const start = performance.now()
    running.child.kill('SIGINT')
    await running.says(/Waiting for an answer/)
    running.child.kill('SIGINT')
    expect((await running.ended).code).toBe(130)
    expect(performance.now() - start).toBeLessThan(3_000)
  })
})

it('no command shows a secret, whatever the issuer repeats', async () => {
  const secrets = ['refresh-SECRET-1', 'client-SECRET-2', 'access-SECRET-3', 'environment-SECRET-4']
  const [refreshToken = '', clientSecret = '', accessToken = '', fromEnvironment = ''] = secrets
  const issuer = await scriptedIssuer([])
  const at = home()
  const env = { ...at.env, LATCHKEY_CLIENT_SECRET: fromEnvironment }
  try {
    const repeat = (form: object): object => ({
      error: 'invalid_grant',
      error_description: `\u001b[2J ${Object.values(form).join(' ')}`,
    })
    issuer.add(
      { request: 'POST /token', reply: ({ form }) => ({ status: 400, body: repeat(form) }), times: 9 },
      { request: 'POST /revoke', reply: ({ form }) => ({ status: 400, body: repeat(form) }), times: 9 },
    )
    await store(
      at.env,
      { issuer: issuer.issuer, clientId: 'script' },
      {
        refreshToken,
        tokens: { '': storedToken(accessToken, { receivedAt: 0, expiresAt: 1 }) },
      },
    )
    const provider = { client_id: 'script', client_secret: clientSecret, issuer: issuer.issuer }
    privateFile(at.config, JSON.stringify({ backends: { x: { oidc: { providers: { p: provider } } } } }))
    const lines = [
      ['token'],
      ['header', '--json'],
      ['status'],
      ['status', '--json'],
      ['config-dump'],
      ['token-dump'],
      ['token', '--client-secret', clientSecret],
      ['token', `--client-sercet=${clientSecret}`],
      ['logout'],
    ]
    for (const words of lines) {
      const { stdout, stderr } = await auth(words, { env })
      const said = stdout + stderr
      for (const secret of secrets) expect(said, words.join(' ')).not.toContain(secret)
      expect(said, words.join(' ')).not.toContain('\u001b')
    }
  } finally {
    await issuer.close()
  }
})
