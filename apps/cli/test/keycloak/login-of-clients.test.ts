import { join } from 'node:path'
import { expect, test } from 'vitest'
import { auth } from '../support/auth.ts'
import { home, privateFile } from '../support/home.ts'
import { answer, signIn } from './browsing.ts'
import { atKeycloak, loggingIn, patience, userinfo } from './real-login.ts'

atKeycloak('auth login', (at, browser) => {
  test('--register makes a client, which logout --unregister takes away again', async () => {
    const own = home()
    const { id, username } = await at.user()
    const allowed = (await at.admin('POST', '/clients-initial-access', { count: 1, expiration: 600 })) as {
      token: string
    }
    const file = join(own.path, 'registration-token')
    privateFile(file, `${allowed.token}\n`)
    const login = await loggingIn(own, at.issuer, '--register', '--register-token-file', file)
    const address = await login.address()
    const asked = new URL(address).searchParams
    const clientId = asked.get('client_id') ?? ''
    const atIssuer = (): Promise<unknown> => at.admin('GET', `/clients?clientId=${clientId}`)
    expect(await atIssuer()).toMatchObject([
      { publicClient: true, redirectUris: expect.arrayContaining([asked.get('redirect_uri')]) },
    ])
    const page = await browser.page()
    await page.goto(address)
    await signIn(page, username)
    expect(await login.ended(0)).toContain(` as ${username} `)
    const token = await auth(['token', '--min-validity', '299'], own)
    expect(await userinfo(at, token.stdout.trim())).toMatchObject([200, { sub: id, preferred_username: username }])
    const out = await auth(['logout', at.issuer, '--unregister'], own)
    expect(out).toMatchObject({ code: 0, stdout: '' })
    expect(out.stderr).toContain(`Client ${clientId} of ${at.issuer} is registered no more.`)
    expect(await atIssuer()).toEqual([])
  })

  test.each([
    ['script-pkce', 'This client must send a proof key (PKCE). That is --pkce.'],
    ['dpop', 'Tokens of this client must be bound to a key (DPoP). auth makes no such logins: a program does'],
  ])('with the client %s says what it demands, and what to do', async (clientId, said) => {
    const own = home()
    const { username } = await at.user()
    const login = await loggingIn(own, at.issuer, '--client-id', clientId, '--method', 'device')
    if (clientId === 'dpop') {
      const page = await browser.page()
      const address = (): string => /^ +(http\S+user_code=\S+)$/m.exec(login.screen())?.[1] ?? ''
      await expect.poll(address, patience).not.toBe('')
      await page.goto(address())
      await signIn(page, username)
      await answer(page, 'Yes')
    }
    expect((await login.ended(1)).replaceAll('\n', '')).toContain(said)
  })

  test('with a client that has a secret renews and ends the login with that', async () => {
    const own = home()
    const { username } = await at.user()
    const file = join(own.path, 'secret')
    privateFile(file, `${at.clientSecret}\n`)
    const secret = ['--client-secret-file', file]
    const login = await loggingIn(own, at.issuer, '--client-id', 'secret', ...secret)
    const page = await browser.page()
    await page.goto(await login.address())
    await signIn(page, username)
    await login.ended(0)
    const token = await auth(['token', '--min-validity', '299', ...secret], own)
    expect(await userinfo(at, token.stdout.trim())).toMatchObject([200, { preferred_username: username }])
    const without = await auth(['token', '--min-validity', '299'], own)
    expect(without).toMatchObject({ code: 1, stdout: '' })
    expect(without.stderr).toContain('401: unauthorized_client: Invalid client or Invalid client credentials.')
    const refused = await auth(['logout'], own)
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('the login stays. The revocation failed')
    const out = await auth(['logout', ...secret], own)
    expect(out).toMatchObject({ code: 0, stdout: '' })
    expect(out.stderr).toContain('the issuer confirmed that its refresh token is revoked.')
    expect(await userinfo(at, token.stdout.trim())).toMatchObject([401, ''])
  })
})
