import { connect } from 'node:net'
import type { Page, Route } from 'playwright-core'
import { expect, test } from 'vitest'
import { auth } from '../support/auth.ts'
import { home } from '../support/home.ts'
import { answer, screenshot, signIn } from './browsing.ts'
import {
  atKeycloak,
  handingOver,
  type LoggingIn,
  loggingIn,
  patience,
  refreshed,
  storedRefreshToken,
  userinfo,
} from './real-login.ts'

const done = 'You are signed in'

/** The port on loopback that a login is answered at. */
const portOf = (address: string): number =>
  Number(new URL(new URL(address).searchParams.get('redirect_uri') ?? '').port)

/** Stops a browser where Keycloak sends it to this machine, as if it were on another one; gives where that was. */
function stopped(page: Page, issuer: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stop = async (route: Route): Promise<void> => {
      const sent = await route.fetch({ maxRedirects: 0 })
      resolve(sent.headers()['location'] ?? '')
      await route.abort()
    }
    page.route(`${issuer}/login-actions/**`, stop).catch(reject)
  })
}

/** Whether somebody listens there. */
function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

atKeycloak('auth login by browser', (at, browser) => {
  test.each([
    ['browser', false],
    ['consenting', true],
  ])(
    'goes from the terminal through the pages of Keycloak to a token that it accepts, and back out (client %s)',
    async (clientId, asks) => {
      const { username } = await at.user()
      const own = home()
      const login = await loggingIn(own, at.issuer, '--client-id', clientId)
      const address = await login.address()
      expect(login.screen().replaceAll('\n', '')).toContain(address)
      const page = await browser.page()
      await page.goto(address)
      await signIn(page, username)
      if (asks) {
        await page.getByRole('button', { name: 'Yes' }).waitFor()
        await screenshot(page, 'consent')
        await answer(page, 'Yes')
      }
      await page.getByRole('heading', { name: done }).waitFor()
      expect(await page.title()).toBe(done)
      expect(page.url()).not.toMatch(/code=|state=/)
      await screenshot(page, `signed-in-${clientId}`)
      expect(await login.ended(0)).toContain(`Logged in at ${at.issuer} as ${username}`)
      await expect.poll(login.restored).toBe(true)

      const token = await auth(['token'], own)
      expect(token).toMatchObject({ code: 0, stderr: '' })
      const accessToken = token.stdout.trim()
      expect(await userinfo(at, accessToken)).toMatchObject([200, { preferred_username: username }])
      const who = await auth(['whoami'], own)
      expect(who).toMatchObject({ code: 0, stderr: '' })
      expect(who.stdout).toMatch(new RegExp(`^email +${username}@example\\.test$`, 'm'))
      expect(who.stdout).toMatch(/^says +the issuer, just now$/m)
      const status = await auth(['status'], own)
      expect(status).toMatchObject({ code: 0, stderr: '' })
      expect(status.stdout).toMatch(new RegExp(`/realms/latchkey +${clientId} .*[45] min +renews itself`))

      const refreshToken = storedRefreshToken(own, at, clientId)
      const out = await auth(['logout'], own)
      expect(out).toMatchObject({ code: 0, stdout: '' })
      expect(out.stderr).toContain('the issuer confirmed that its refresh token is revoked.')
      expect(await refreshed(at, clientId, refreshToken)).toMatchObject({ error: 'invalid_grant' })
      expect(await userinfo(at, accessToken)).toMatchObject([401, ''])
      expect(await auth(['token'], own)).toMatchObject({ code: 3, stdout: '' })
    },
  )

  test('pushes its request where the client must, which only the refusal of the first one says', async () => {
    const { username } = await at.user()
    const own = home()
    const login = await loggingIn(own, at.issuer, '--client-id', 'browser-par')
    const page = await browser.page()
    const first = await login.address()
    await page.goto(first)
    await expect.poll(login.address, patience).not.toBe(first)
    const second = new URL(await login.address())
    expect([...second.searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri'])
    await page.goto(second.href)
    await signIn(page, username)
    await page.getByRole('heading', { name: done }).waitFor()
    const screen = await login.ended(0)
    expect(screen).toContain('This client has to push its request first')
    expect(screen).toContain(`Logged in at ${at.issuer} as ${username}`)
    const token = await auth(['token'], own)
    expect(await userinfo(at, token.stdout.trim())).toMatchObject([200, { preferred_username: username }])
  })

  test('again in the same browser needs no password, until auth logout --end-session', async () => {
    const { username } = await at.user()
    const own = home()
    const page = await browser.page()
    // With offline_access Keycloak keeps no session for the browser.
    const begun = async (clientId: string): Promise<LoggingIn> => {
      const login = await loggingIn(own, at.issuer, '--client-id', clientId, '--scope', 'openid')
      await page.goto(await login.address())
      return login
    }
    const first = await begun('browser')
    await signIn(page, username)
    await first.ended(0)
    // Both are one session at Keycloak: to revoke the first would end the second.
    expect(await (await begun('browser')).ended(0)).not.toContain('The login before it')
    expect(await auth(['token', '--min-validity', '299'], own)).toMatchObject({ code: 0, stderr: '' })
    // Holds the session when the other client's login is revoked.
    await (await begun('script')).ended(0)

    const { program, address } = handingOver(own)
    const env = { ...own.env, BROWSER: program }
    const out = await auth(['logout', '--client-id', 'browser', '--end-session'], { env })
    expect(out).toMatchObject({ code: 0, stdout: '' })
    expect(out.stderr).not.toContain('id_token_hint')
    await page.goto(await address())
    await page.getByRole('heading', { name: 'You are logged out' }).waitFor()
    await begun('browser')
    await page.getByRole('button', { name: 'Sign In' }).waitFor()
  })

  test('on another machine takes the address of the last page, which is not found there, at the terminal', async () => {
    const { username } = await at.user()
    const own = home()
    const login = await loggingIn(own, at.issuer, '--client-id', 'browser', '--method', 'paste')
    await expect.poll(login.screen, patience).toContain('paste it here')
    const [address = ''] = /http\S+\/auth\?\S+offline_access/.exec(login.screen().replaceAll('\n', '')) ?? []
    const page = await browser.page()
    const back = stopped(page, at.issuer)
    await page.goto(address)
    await signIn(page, username)
    expect(login.screen()).not.toContain('ended with')
    login.type(await back, 'Enter')
    const screen = await login.ended(0)
    expect(screen).toContain(`Logged in at ${at.issuer} as ${username}`)
    expect(screen).not.toContain('code=')
    await expect.poll(login.restored).toBe(true)
    const token = await auth(['token'], own)
    expect(await userinfo(at, token.stdout.trim())).toMatchObject([200, { preferred_username: username }])
  })

  test('lets a person type the password again', async () => {
    const { username } = await at.user()
    const login = await loggingIn(home(), at.issuer, '--client-id', 'browser')
    const page = await browser.page()
    await page.goto(await login.address())
    await signIn(page, username, 'not the password')
    await page.getByText('Invalid username or password.').waitFor()
    expect(login.screen()).not.toContain('ended with')
    await signIn(page, username)
    await page.getByRole('heading', { name: done }).waitFor()
    expect(await login.ended(0)).toContain(`Logged in at ${at.issuer} as ${username}`)
  })

  test('refused at the question for consent says so in both places, and ends with 3', async () => {
    const { username } = await at.user()
    const login = await loggingIn(home(), at.issuer, '--client-id', 'consenting')
    const page = await browser.page()
    await page.goto(await login.address())
    await signIn(page, username)
    await answer(page, 'No')
    await page.getByRole('heading', { name: 'You were not signed in' }).waitFor()
    await screenshot(page, 'refused')
    expect((await login.ended(3)).replaceAll('\n', '')).toContain(
      `auth: The login at ${at.issuer} failed: access_denied.`,
    )
  })

  test('whose page is closed waits until Ctrl-C, which leaves the terminal as it was and no port open', async () => {
    const own = home()
    const login = await loggingIn(own, at.issuer, '--client-id', 'browser')
    const address = await login.address()
    const page = await browser.page()
    await page.goto(address)
    await page.close()
    expect(await isOpen(portOf(address))).toBe(true)
    login.type('C-c')
    expect(await login.ended(130)).toContain('auth: Interrupted.')
    await expect.poll(login.restored, patience).toBe(true)
    expect(await isOpen(portOf(address))).toBe(false)
    expect(await auth(['status'], own)).toMatchObject({ code: 0, stdout: '' })
  })
})
