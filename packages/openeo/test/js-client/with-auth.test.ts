import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withAuth, withoutAuth } from '@latchkey/openeo/js-client'
import { type AuthProvider, OpenEO } from '@openeo/js-client'
import { describe, expect, test } from 'vitest'
import { connectTo, scene } from './scene.ts'

const run = promisify(execFile)

test('a person logs in by device flow, and another program on the machine needs nobody', async () => {
  const { connection, backend, issuer, env, refreshTokens, carried } = await scene()
  const shown: string[] = []
  const authentication = await withAuth(connection, {
    env,
    prompt: async ({ verificationUri, userCode }) => {
      shown.push(verificationUri)
      await issuer.approve(userCode, { login: 'ana' })
    },
  })
  expect(authentication).toMatchObject({ method: 'device', provider: { id: 'egi' } })
  expect(shown).toEqual([expect.stringContaining(issuer.issuer)])
  expect((await connection.describeAccount()).user_id).toBe('ana')
  const { accessToken } = await authentication.source.getToken()
  expect(carried('/me')).toEqual([`Bearer oidc/egi/${accessToken}`])
  expect(Object.keys(refreshTokens() ?? {})).toEqual(['script'])

  const program = fileURLToPath(import.meta.resolve('./whoami.ts'))
  const { stdout, stderr } = await run(process.execPath, [program, backend.url], { env: { ...process.env, ...env } })
  expect({ stdout, stderr }).toEqual({ stdout: 'ana', stderr: '' })
})

test('a login of the Python client is used and renewed in its own file, and nobody is asked', async () => {
  const { connection, env, storeAsPython, refreshTokens } = await scene()
  await storeAsPython('john')
  const before = refreshTokens()?.['script']?.refresh_token
  const { method } = await withAuth(connection, { env, prompt: () => expect.unreachable('somebody was asked') })
  expect([method, (await connection.describeAccount()).user_id]).toEqual(['refresh_token', 'john'])
  expect(refreshTokens()?.['script']?.refresh_token).not.toBe(before)
})

test('where nobody can be asked it fails with what to run, and the connection is as it was', async () => {
  const { connection, backend, env } = await scene()
  const failed = withAuth(connection, { env })
  await expect(failed).rejects.toMatchObject({
    code: 'LOGIN_REQUIRED',
    message: expect.stringContaining(`oidc-auth ${backend.url}`) as string,
  })
  expect([connection.isAuthenticated(), Object.hasOwn(connection, '_send')]).toEqual([false, false])
})

test('the provider of the connection is an AuthProvider, its token at hand in the form of the back-end', async () => {
  const { connection, env, storeAsPython } = await scene()
  await storeAsPython()
  const { source } = await withAuth(connection, { env })
  const { accessToken } = await source.getToken()
  const provider = connection.getAuthProvider()
  expect([provider?.getId(), provider?.getTitle(), provider?.getToken()]).toEqual([
    'oidc.egi',
    'EGI Check-in',
    `oidc/egi/${accessToken}`,
  ])
})

test.each(['listed', 'linked'] as const)('the bare JWT goes out where its class is %s', async (jwt) => {
  const { connection, env, storeAsPython, carried } = await scene({ backend: { jwt } })
  await storeAsPython()
  const { source } = await withAuth(connection, { env })
  await connection.describeAccount()
  const { accessToken } = await source.getToken()
  expect([carried('/me'), connection.getAuthProvider()?.getToken()]).toEqual([[`Bearer ${accessToken}`], accessToken])
})

test('a machine authenticates with its own credentials, and stores nothing', async () => {
  const { connection, issuer, env, refreshTokens } = await scene()
  await withAuth(connection, {
    env,
    method: 'client_credentials',
    clientId: 'post',
    clientSecret: issuer.clientSecret,
  })
  expect((await connection.describeAccount()).user_id).toBe('post')
  expect(refreshTokens).toThrow('ENOENT')
})

describe('user and password', () => {
  const john = { method: 'basic', username: 'john', password: 'j0hn123' } as const

  test('are asked for a new token when theirs is refused', async () => {
    const { connection, backend, env, carried } = await scene()
    const { source } = await withAuth(connection, { env, ...john })
    backend.refuse((await source.getToken()).accessToken)
    expect((await connection.describeAccount()).user_id).toBe('john')
    const [first, second] = carried('/me')
    expect([first, second]).toEqual(Array(2).fill(expect.stringMatching(/^Bearer basic\/\/b-/)))
    expect(second).not.toBe(first)
  })

  test('of js-client itself work on a connection that is authenticated already, and take over', async () => {
    const { connection, env, storeAsPython, carried } = await scene()
    await storeAsPython()
    await withAuth(connection, { env })
    await connection.authenticateBasic('john', 'j0hn123')
    await connection.authenticateBasic('john', 'j0hn123')
    expect((await connection.describeAccount()).user_id).toBe('john')
    expect(carried('/me')).toEqual([`Bearer ${connection.getAuthProvider()?.getToken()}`])
  })
})

describe('the connection', () => {
  test('of another copy of js-client is refused, and so is a promise of one', async () => {
    const { backend, env, storeAsPython } = await scene()
    await storeAsPython()
    const load = createRequire(import.meta.url)
    for (const path of Object.keys(load.cache)) if (path.includes('/js-client/src/')) delete load.cache[path]
    const copy = load('@openeo/js-client') as { readonly OpenEO: typeof OpenEO }
    const other = await copy.OpenEO.connect(backend.url)
    const refused = { code: 'CONFIG_INVALID', message: expect.stringContaining('npm ls @openeo/js-client') as string }
    await expect(withAuth(other, { env })).rejects.toMatchObject(refused)
    const forgotten = OpenEO.connect(backend.url)
    await expect(withAuth(forgotten as never, { env })).rejects.toMatchObject(refused)
    await forgotten
  })

  test('to an https address is not followed to http, where its well-known document led js-client', async () => {
    const { connection, env, storeAsPython, backend } = await scene()
    await storeAsPython()
    Object.assign(connection, { url: 'https://openeo.example.org' })
    const message = expect.stringContaining(`${backend.root}: tokens do not go from https to http`) as string
    await expect(withAuth(connection, { env })).rejects.toMatchObject({ code: 'CONFIG_INVALID', message })
    expect(connection.isAuthenticated()).toBe(false)
  })

  const senders = async ({ _send }: { _send?: unknown }): Promise<unknown> => _send

  test('is the only thing that is touched, and is given back whole', async () => {
    const at = await scene()
    const { connection, env, storeAsPython } = at
    await storeAsPython()
    const bystander = await connectTo(at)
    const { axios } = (OpenEO as unknown as { Environment: { axios: typeof import('axios').default } }).Environment
    const { adapter } = axios.defaults
    const [own, names] = [await senders(bystander as object), Object.keys(connection)]
    await withAuth(connection, { env })
    expect(Object.keys(connection)).toEqual(names)
    expect(await senders(bystander as object)).toBe(own)
    expect(axios.defaults.adapter).toBe(adapter)
    await expect(bystander.describeAccount()).rejects.toMatchObject({ code: 'AuthenticationRequired' })

    expect(withoutAuth(connection)).toBe(connection)
    expect([connection.isAuthenticated(), Object.hasOwn(connection, '_send')]).toEqual([false, false])
    await expect(connection.describeAccount()).rejects.toMatchObject({ code: 'AuthenticationRequired' })
  })

  test('keeps what somebody else put over or under us', async () => {
    const { connection, env, storeAsPython } = await scene()
    await storeAsPython()
    const inner = connection as unknown as { _send: (...values: unknown[]) => Promise<unknown> }
    const seen: string[] = []
    const watch = (name: string): typeof inner._send => {
      const before = inner._send.bind(connection)
      return (...values) => {
        seen.push(name)
        return before(...values)
      }
    }
    inner._send = watch('under')
    const { _send: under } = inner
    await withAuth(connection, { env })
    withoutAuth(connection)
    expect(inner._send).toBe(under)
    await withAuth(connection, { env })
    inner._send = watch('over')
    const { _send: over } = inner
    withoutAuth(connection)
    expect(inner._send).toBe(over)
    await withAuth(connection, { env })
    seen.length = 0
    await connection.describeAccount()
    expect(seen).toEqual(['over', 'under'])
  })

  test('authenticated twice is the last one’s', async () => {
    const { connection, issuer, env, storeAsPython } = await scene()
    await storeAsPython()
    await withAuth(connection, { env })
    const first = connection.getAuthProvider() as AuthProvider
    await withAuth(connection, {
      env,
      method: 'client_credentials',
      clientId: 'post',
      clientSecret: issuer.clientSecret,
    })
    expect((await connection.describeAccount()).user_id).toBe('post')
    await first.logout()
    expect((await connection.describeAccount()).user_id).toBe('post')
  })
})
