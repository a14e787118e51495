// npm start: one login, then an API that is called again and again while everything expires under it.
// npm start -- --interactive: the same, but you approve the login in your own browser.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bearer, type DevicePrompt, deviceCode, session } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { fileStore } from '@latchkey/file-store'
import { protectedApi, provider } from '@latchkey/testkit'
import { callAgainAndAgain } from './calls.ts'
import { heading, line, table } from './screen.ts'

const interactive = process.argv.includes('--interactive')
const directory = mkdtempSync(join(tmpdir(), 'latchkey-demo-'))
const path = join(directory, 'refresh-tokens.json')

heading('1. An OpenID provider and a protected API, on this machine')
const issuer = await provider({ accessTokenTtl: 2 })
const api = await protectedApi({ verify: (token) => issuer.verify(token) })
line(`issuer  ${issuer.issuer}   access tokens live 2 s, refresh tokens change on every use`)
line(`api     ${api.origin}   lets nobody in without a good token`)

heading('2. A person logs in, by the device flow (RFC 8628)')
const login = session({
  issuer: issuer.issuer,
  clientId: 'script',
  scope: 'openid offline_access read',
  store: fileStore({ path }),
})

async function prompt({ verificationUri, verificationUriComplete, userCode }: DevicePrompt): Promise<void> {
  line(`open    ${verificationUriComplete ?? verificationUri}`)
  line(`code    ${userCode}`)
  if (interactive) return line('        waiting for you to approve it there (any name will do) …')
  await issuer.approve(userCode)
  line('        approved, through the same pages that a browser shows (npm start -- --interactive: by you)')
}

try {
  await login.login({ grant: deviceCode(login.client, { prompt }) })
  line(`stored  ${path}`)
  line(readFileSync(path, 'utf8').replace(/("refresh_token": ")[^"]+/, '$1<redacted>'))

  heading('3. The API, again and again, through fetch')
  const fetch = withAuth(bearer(login, api.origin))
  const calls = await callAgainAndAgain(`${api.origin}/jobs`, {
    fetch,
    seconds: 10,
    withdraw: (token) => issuer.withdraw(token),
    source: login,
    refusals: () => api.refusals,
  })

  heading('4. What happened')
  table([
    ['requests made', calls.made],
    ['… answered 200', calls.good],
    ['tokens issued', Object.values(issuer.stats.issued).reduce((sum, count) => sum + count, 0)],
    ['refreshes', issuer.stats.refreshes],
    ['refusals seen by the API', api.refusals],
    ['… for the token withdrawn on purpose', calls.refusedOnPurpose],
    ['logins lost', issuer.stats.revokedGrants],
  ])
  const { confirmed } = await login.logout()
  line(`logged out${confirmed ? ', which the issuer confirmed' : ''}; ${path} holds ${readFileSync(path, 'utf8')}`)
  if (calls.good !== calls.made || issuer.stats.revokedGrants > 1) process.exitCode = 1
} finally {
  await Promise.all([issuer.close(), api.close()])
  rmSync(directory, { recursive: true })
}
