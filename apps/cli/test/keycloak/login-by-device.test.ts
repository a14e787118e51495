import { expect, test } from 'vitest'
import { auth } from '../support/auth.ts'
import { home } from '../support/home.ts'
import { answer, screenshot, signIn } from './browsing.ts'
import { atKeycloak, type LoggingIn, loggingIn, patience, userinfo } from './real-login.ts'

/** What a person reads off the screen: the address and the code that stand alone on a line. */
async function shown({ screen }: LoggingIn): Promise<{ readonly address: string; readonly code: string }> {
  await expect.poll(screen, patience).toMatch(/to approve it/)
  const [, address = ''] = /^ {4}(http\S+)$/m.exec(screen()) ?? []
  const [, code = ''] = /^ {4}([A-Z]{4}-[A-Z]{4})$/m.exec(screen()) ?? []
  return { address, code }
}

atKeycloak('auth login by device', (at, browser) => {
  const begun = async (...words: readonly string[]) => {
    const own = home()
    const { username } = await at.user()
    const login = await loggingIn(own, at.issuer, '--method', 'device', ...words)
    const { address, code } = await shown(login)
    const page = await browser.page()
    await page.goto(address)
    await page.getByRole('textbox').fill(code)
    await screenshot(page, 'device-code')
    await page.getByRole('button', { name: 'Submit' }).click()
    await signIn(page, username)
    await page.getByRole('button', { name: 'Yes' }).waitFor()
    await screenshot(page, 'device-question')
    return { own, username, login, page }
  }

  test.each([
    ['script', []],
    ['script-pkce', ['--pkce']],
  ])(
    'goes from the code on the screen through the pages of Keycloak to a token that it accepts (client %s)',
    async (clientId, words) => {
      const { own, username, login, page } = await begun('--client-id', clientId, ...words)
      await answer(page, 'Yes')
      await page.getByText('Device Login Successful').waitFor()
      const screen = await login.ended(0)
      expect(screen).toContain(`Logged in at ${at.issuer} as ${username}`)
      expect(screen).not.toContain('to approve it')
      await expect.poll(login.restored).toBe(true)
      const token = await auth(['token'], own)
      expect(await userinfo(at, token.stdout.trim())).toMatchObject([200, { preferred_username: username }])
    },
  )

  test('denied says so, ends with 3 and keeps nothing', async () => {
    const { own, login, page } = await begun('--client-id', 'script')
    await answer(page, 'No')
    await page.getByText('Consent denied').waitFor()
    await screenshot(page, 'device-denied')
    const screen = await login.ended(3)
    expect(screen.replaceAll('\n', '')).toContain('access_denied: The end user denied the authorization request.')
    await expect.poll(login.restored).toBe(true)
    expect(await auth(['token'], own)).toMatchObject({ code: 3, stdout: '' })
  })
})
