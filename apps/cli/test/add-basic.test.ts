import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authConfig } from '@latchkey/file-store'
import { describe, expect, it } from 'vitest'
import { home } from './support/home.ts'
import { backendsIn, backendWith, run } from './support/openeo.ts'

describe('auth add-basic', () => {
  it('asks for user and password, tries them, and saves them', async () => {
    const at = home()
    const { url } = await backendWith()
    const done = await run(at, ['add-basic', url], { terminal: true, input: 'john\nj0hn123\n' })
    expect([done.code, done.stderr(), done.hidden()]).toEqual([
      0,
      'Enter username and press enter: ',
      ['Enter password and press enter: '],
    ])
    expect(done.stdout()).toBe(
      `Will add basic auth config for backend URL '${url}'\nto config file: '${at.config}'\nUsing username 'john'\n` +
        `Trying to authenticate with '${url}'\nSuccessfully authenticated 'john'\nSaved credentials to '${at.config}'\n`,
    )
    expect(backendsIn(at)[url]?.basic).toMatchObject({ username: 'john', password: 'j0hn123' })
  })

  it('saves nothing that the back-end refuses', async () => {
    const at = home()
    const { url } = await backendWith()
    const refused = await run(at, ['add-basic', url], { terminal: true, input: 'john\nwrong-pw\n' })
    expect(refused.code).not.toBe(0)
    expect(refused.stderr()).toMatch(/auth: [^\n]*CredentialsInvalid[^\n]*\n$/)
    expect(refused.stdout() + refused.stderr()).not.toContain('wrong-pw')
    expect(existsSync(at.config)).toBe(false)
  })

  it.each([
    ['--password-stdin', 'j0hn123\n', {}],
    ['--password-file=-', 'j0hn123', {}],
    ['--password-file=FILE', undefined, {}],
    ['--no-try', undefined, { LATCHKEY_PASSWORD: 'j0hn123' }],
    ['--no-try', 'j0hn123\n', {}],
  ])('takes the password from %s, stdin %j or %j without a terminal', async (option, input, env) => {
    const at = home()
    const { url } = await backendWith()
    const file = join(at.path, 'password')
    writeFileSync(file, 'j0hn123\n')
    const words = ['add-basic', url, '--username=john', option.replace('FILE', file)]
    const done = await run(at, words, { env, ...(input !== undefined && { input }) })
    expect([done.code, done.stderr(), done.hidden()]).toEqual([0, '', []])
    expect(backendsIn(at)[url]?.basic).toMatchObject({ username: 'john', password: 'j0hn123' })
  })

  it.each([
    [[], '', 'add --username U'],
    [['--username=john'], '', 'add --password-file FILE or --password-stdin, or set LATCHKEY_PASSWORD'],
    [['--username=john'], '\n', 'The password is empty'],
    [['--password-stdin'], 'j0hn123\n', 'give the user with --username'],
    [['--password=x'], '', 'Put the password into a file (--password-file FILE'],
    [['--password-stdin', '--password-file=x'], '', 'contradict'],
  ])('with %j and stdin %j says what is missing', async (words, input, message) => {
    const at = home()
    const { url } = await backendWith()
    const { code, stderr } = await run(at, ['add-basic', url, ...words], { input })
    expect([code, stderr()]).toEqual([2, expect.stringContaining(message)])
    expect(existsSync(at.config)).toBe(false)
  })
})

it('a password is not read from a stdin that shows what is typed', async () => {
  const words = ['add-basic', 'https://openeo.invalid', '--username=u', '--password-stdin']
  const { code, stderr } = await run(home(), words, { terminal: true, input: 'pw\n' })
  expect([code, stderr()]).toEqual([2, 'auth: The password would be shown while it is typed: pipe it in.\n'])
})

describe('a back-end with a user and password', () => {
  it('gives a token for each use; status and logout say what it is', async () => {
    const at = home()
    const { url } = await backendWith()
    await authConfig({ env: at.env }).setBasic(url, { username: 'john', password: 'j0hn123' })
    const token = (await run(at, ['token', url])).stdout()
    expect(token).toMatch(/^\S+\n$/)
    expect((await run(at, ['header', url])).stdout()).toMatch(/^Authorization: Bearer basic\/\/\S+\n$/)
    expect((await run(at, ['status', url])).stdout()).toContain('john')
    const out = await run(at, ['logout', url])
    expect([out.code, out.stderr()]).toEqual([1, expect.stringContaining(`auth config-remove ${url} --basic`)])
  })
})

it.each([['add-basic'], ['add-oidc'], ['oidc-auth'], ['config-remove']])('auth %s needs a back-end', async (name) => {
  const at = home()
  for (const words of [[], ['https://u:p@x.test'], ['ftp://x.test'], ['a b']]) {
    const { code, stdout, stderr } = await run(at, [name, ...words])
    expect([code, stdout(), stderr()]).toEqual([2, '', expect.stringMatching(/address/)])
    expect(stderr()).not.toContain('u:p')
  }
})

it.each([['add-basic', '--username=u', '--password-stdin'], ['add-oidc'], ['oidc-auth']])(
  'auth %s says in a line that a back-end cannot be reached, and what to do later',
  async (...words) => {
    const { code, stderr } = await run(home(), [...words, 'http://127.0.0.1:1'], { input: 'pw' })
    expect(code).toBe(4)
    expect(stderr()).toMatch(/^auth: [^\n]*127\.0\.0\.1:1[^\n]*\n$/)
  },
)

it('-v before the command shows each request, without what is secret', async () => {
  const at = home()
  const { url } = await backendWith()
  const done = await run(at, ['-v', 'add-basic', url, '--user=john', '--password-stdin'], { input: 'j0hn123' })
  expect([done.code, done.stderr()]).toEqual([
    0,
    expect.stringMatching(/^GET http\S+\/credentials\/basic: 200, \d+ ms$/m),
  ])
  expect(done.stderr()).not.toContain('j0hn123')
})
