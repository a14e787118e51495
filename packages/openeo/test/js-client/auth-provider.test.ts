import { oidcProviderFactory, type ProviderOptions } from '@latchkey/openeo/js-client'
import { AuthProvider, type Connection } from '@openeo/js-client'
import { expect, test } from 'vitest'
import { connectTo, type Scene, scene } from './scene.ts'

/** Its types have a `resume` that answers at once; its code has not. */
type Provider = Omit<AuthProvider, 'resume'> & { resume(): Promise<boolean> }

/** The provider `egi` as `listAuthProviders()` gives it. */
async function egiOf({ env }: Scene, connection: Connection, options: ProviderOptions = {}): Promise<Provider> {
  connection.setOidcProviderFactory(oidcProviderFactory(connection, { env, ...options }))
  const [egi] = await connection.listAuthProviders()
  if (egi === undefined) throw new Error('No provider is listed.')
  return egi as unknown as Provider
}

test('providers are listed as js-client lists them, and the connection is not touched before a login', async () => {
  const at = await scene({ provider: { description: 'Of the European Grid.' } })
  const egi = await egiOf(at, at.connection)
  expect((await at.connection.listAuthProviders()).map((one) => one.getId())).toEqual(['oidc.egi', 'basic'])
  expect(egi).toBeInstanceOf(AuthProvider)
  expect([egi.getTitle(), egi.getDescription(), egi.getToken()]).toEqual([
    'EGI Check-in',
    'Of the European Grid.',
    null,
  ])
  expect([at.connection.isAuthenticated(), Object.hasOwn(at.connection, '_send')]).toEqual([false, false])
})

test('login asks a person; on another connection resume takes what is stored; logout ends it for both', async () => {
  const at = await scene()
  const asked: string[] = []
  const prompt: ProviderOptions['prompt'] = async ({ userCode }) => {
    asked.push(userCode)
    await at.issuer.approve(userCode)
  }
  const egi = await egiOf(at, at.connection, { prompt })
  expect(await egi.resume()).toBe(false)
  expect(at.connection.isAuthenticated()).toBe(false)
  await egi.login()
  expect(at.connection.getAuthProvider()).toBe(egi)
  expect((await at.connection.describeAccount()).user_id).toBe('marie')

  const second = await connectTo(at)
  const resumed = await egiOf(at, second, { prompt })
  expect(await resumed.resume()).toBe(true)
  expect((await second.describeAccount()).user_id).toBe('marie')
  expect(asked).toHaveLength(1)

  const token = egi.token
  await egi.logout()
  expect([at.connection.isAuthenticated(), egi.getToken(), at.issuer.verify(token)]).toEqual([false, null, undefined])
  expect(at.refreshTokens()).toBeUndefined()
  await expect(at.connection.describeAccount()).rejects.toMatchObject({ code: 'AuthenticationRequired' })
  await expect(second.describeAccount()).rejects.toMatchObject({ code: 'LOGIN_REQUIRED' })
})

test('a resumed login is renewed like any other', async () => {
  const at = await scene()
  await at.storeAsPython()
  const egi = await egiOf(at, at.connection)
  await egi.resume()
  at.issuer.withdraw(egi.token)
  expect((await at.connection.describeAccount()).user_id).toBe('marie')
  expect(at.carried('/me')).toEqual([expect.any(String), `Bearer ${egi.getToken()}`])
})

test('login takes any method: the credentials of a machine', async () => {
  const at = await scene()
  const egi = await egiOf(at, at.connection)
  await egi.login({ method: 'client_credentials', clientId: 'post', clientSecret: at.issuer.clientSecret })
  expect((await at.connection.describeAccount()).user_id).toBe('post')
})

test('a token set by hand is sent as it is and not renewed; null ends it', async () => {
  const at = await scene()
  await at.storeAsPython()
  const egi = await egiOf(at, at.connection)
  await egi.resume()
  const { accessToken } = await at.issuer.issue({ login: 'ana' })
  egi.setToken(accessToken)
  expect((await at.connection.describeAccount()).user_id).toBe('ana')
  at.issuer.withdraw(accessToken)
  await expect(at.connection.describeAccount()).rejects.toMatchObject({ code: 'TokenInvalid' })
  egi.setToken(null)
  expect([at.connection.isAuthenticated(), egi.getToken()]).toEqual([false, null])
})

test('failures of resume other than a missing login are told', async () => {
  const at = await scene()
  await at.storeAsPython()
  const egi = await egiOf(at, at.connection)
  await at.issuer.close()
  await expect(egi.resume()).rejects.toMatchObject({ name: 'AuthError' })
  expect(at.connection.isAuthenticated()).toBe(false)
})

test.each([
  ['no id', { issuer: 'https://iam.example.org', title: 'x' }],
  ['an issuer without TLS', { id: 'x', issuer: 'http://iam.example.org', title: 'x' }],
  ['nothing in it', null],
])('a provider with %s is passed over', async (_, info) => {
  const { connection, env } = await scene()
  expect(oidcProviderFactory(connection, { env })(info)).toBeNull()
})
