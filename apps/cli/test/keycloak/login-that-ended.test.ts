import { expect, test } from 'vitest'
import { auth, type Ended } from '../support/auth.ts'
import { type Home, home } from '../support/home.ts'
import { signIn } from './browsing.ts'
import { atKeycloak, claimsOf, loggingIn, userinfo } from './real-login.ts'

/** Asks for a token that outlives the stored one: the issuer is asked. */
const renewed = (own: Home): Promise<Ended> => auth(['token', '--min-validity', '299'], own)

atKeycloak('a login that was ended at the issuer', (at, browser) => {
  const loggedIn = async (own: Home, username: string, scope: string) => {
    const login = await loggingIn(own, at.issuer, '--client-id', 'browser', '--scope', scope)
    const page = await browser.page()
    await page.goto(await login.address())
    await signIn(page, username)
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor()
    return login.ended(0)
  }

  test.each([
    ['openid', false, 'Session not active'],
    ['openid offline_access', true, 'Offline user session not found'],
  ])('is told in one line with the command that heals it, and that heals it (%s)', async (scope, isOffline, words) => {
    const own = home()
    const { username } = await at.user()
    await loggedIn(own, username, scope)
    const { sid } = claimsOf((await auth(['token'], own)).stdout)
    await at.admin('DELETE', `/sessions/${String(sid)}?isOffline=${isOffline}`)
    const heals = `auth login ${at.issuer} --client-id browser`
    expect(await renewed(own)).toEqual({
      code: 3,
      signal: null,
      stdout: '',
      stderr: `auth: The issuer refused the login for client browser at ${at.issuer} (invalid_grant: ${words}). Log in with: ${heals}\n`,
    })
    const status = await auth(['status', '--check'], own)
    expect(status).toMatchObject({ code: 3, stderr: `\nTo log in again:\n  ${heals}\n` })
    expect(status.stdout).toContain('the issuer refuses it')
    await loggedIn(own, username, scope)
    const token = await renewed(own)
    expect(token).toMatchObject({ code: 0, stderr: '' })
    expect(await userinfo(at, token.stdout.trim())).toMatchObject([200, { preferred_username: username }])
  })
})
