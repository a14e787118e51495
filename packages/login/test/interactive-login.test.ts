import { inspect } from 'node:util'
import { client, isAuthError } from '@latchkey/core'
import { manualClock, type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type InteractiveLoginOptions, interactiveLogin } from '../src/index.ts'
import { begun } from './support/begun.ts'
import { type FakeOptions, fakeTerminal } from './support/fake-terminal.ts'
import { followed, visit } from './support/visit.ts'
import { portOf, squatter } from './support/waiting.ts'

let at: Provider
beforeAll(async () => {
  at = await provider({
    clients: [
      {
        client_id: 'fixed',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: ['http://localhost/'],
      },
    ],
  })
})
afterAll(() => at.close())

describe('by a browser on this machine', () => {
  test('the address is printed, then opened; the answer comes by itself, and the page tells of the end', async () => {
    const { terminal, address, redirectUri, ended } = await begun(at, { app: 'marine-tool' })
    expect(redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    await expect.poll(() => terminal.spawned).toEqual([['xdg-open', address]])
    const { url } = await at.signIn(address)
    const page = await followed(await visit(url), url)
    expect(page.text).toContain('You are signed in')
    expect(page.text).toContain('<strong>marine-tool</strong> is now signed in at <strong>127.0.0.1:')
    expect(await ended).toBe('done')
    expect(terminal.written()).toMatch(/\r\u001b\[K✓ Logged in at http:\/\/127\.0\.0\.1:\d+\.\n$/)
    expect(terminal.modes).toEqual([true, false])
    await expect(visit(redirectUri)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('a refusal is told in the terminal and on the page', async () => {
    const { address, ended } = await begun(at)
    const { url } = await at.signIn(address, { deny: true })
    expect(new URL(url).searchParams.get('error')).toBe('access_denied')
    const page = await followed(await visit(url), url)
    expect(page.text).toContain('You were not signed in')
    expect(await ended).toMatchObject({ code: 'LOGIN_DENIED' })
  })

  test('by form_post', async () => {
    const { address, ended } = await begun(at, { responseMode: 'form_post' })
    const { url, form } = await at.signIn(address)
    expect(form).toMatchObject({ code: expect.any(String) })
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: at.issuer }
    const first = await visit(url, { method: 'POST', headers, body: new URLSearchParams(form).toString() })
    expect((await followed(first, url)).text).toContain('You are signed in')
    expect(await ended).toBe('done')
  })

  test('3.7 row 7: a forged issuer, a forged code and a forged error are ignored, and the wait goes on', async () => {
    const { address, redirectUri, ended } = await begun(at)
    const state = new URL(address).searchParams.get('state') ?? ''
    const forged = [
      { state, code: 'x', iss: 'https://evil.example' },
      { state: `${state}x`, code: 'x', iss: at.issuer },
      { error: 'access_denied' },
      { state, code: 'x' },
    ]
    for (const parameters of forged) {
      const { status } = await visit(`${redirectUri}?${new URLSearchParams(parameters).toString()}`)
      expect(status, JSON.stringify(Object.keys(parameters))).toBe(400)
    }
    const { url } = await at.signIn(address)
    await followed(await visit(url), url)
    expect(await ended).toBe('done')
  })

  test('3.7 row 8: the code is sent once, however often it comes', async () => {
    const { address, ended } = await begun(at)
    const { url } = await at.signIn(address)
    const visits = await Promise.all([visit(url), visit(url), visit(url)])
    expect(visits.map(({ status }) => status)).toEqual([303, 303, 303])
    expect(await ended).toBe('done')
  })

  test('3.7 row 12: the code stands in no error, and is not printed', async () => {
    const { address, redirectUri, terminal, ended } = await begun(at)
    const { searchParams } = new URL((await at.signIn(address)).url)
    const code = `${searchParams.get('code') ?? ''}spoiled`
    searchParams.set('code', code)
    const page = `${redirectUri}?${searchParams.toString()}`
    const shown = followed(await visit(page), page)
    const error = await ended
    expect(isAuthError(error)).toBe(true)
    expect((await shown).text).toContain('That took too long')
    expect(inspect(error, { depth: 9 }) + terminal.written() + (await shown).text).not.toContain(code)
  })

  test('fixed ports: the next one, with localhost and the bare path', async () => {
    const port = portOf(await squatter('127.0.0.1'))
    const redirect = { host: 'localhost', ports: [port, 0], path: '/' } as const
    const { address, redirectUri, ended } = await begun(at, { redirect }, { opens: true }, 'fixed')
    expect(redirectUri).toMatch(/^http:\/\/localhost:\d+\/$/)
    expect(redirectUri).not.toContain(String(port))
    const { url } = await at.signIn(address)
    await followed(await visit(url, { address: '127.0.0.1' }), url, '127.0.0.1')
    expect(await ended).toBe('done')
  })

  test('3.7 row 11: nobody comes: the time ends it, and the port is free', async () => {
    const clock = manualClock()
    const { redirectUri, ended } = await begun(at, { timeoutMs: 60_000 }, { opens: true, clock })
    await clock.advance(61_000)
    expect(await ended).toMatchObject({ code: 'LOGIN_EXPIRED' })
    await expect(visit(redirectUri)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('nobody is waited for longer than an hour', async () => {
    const clock = manualClock()
    const how = { opens: true, clock, tty: { input: false, output: true }, env: { DISPLAY: ':0', TERM: 'dumb' } }
    const { terminal, ended } = await begun(at, { timeoutMs: 86_400_000 }, how)
    expect(terminal.written()).toContain('Waiting for 60:00 min.')
    await clock.advance(3_601_000)
    expect(await ended).toMatchObject({ code: 'LOGIN_EXPIRED' })
  })

  test('an abort ends it, and restores the terminal', async () => {
    const { terminal, redirectUri, ended, abort } = await begun(at)
    expect(terminal.modes).toEqual([true])
    abort()
    expect(await ended).toMatchObject({ code: 'ABORTED' })
    await expect.poll(() => terminal.modes).toEqual([true, false])
    await expect.poll(() => visit(redirectUri).catch((error: { code: string }) => error.code)).toBe('ECONNREFUSED')
  })

  test('a browser that does not start is no error', async () => {
    const { terminal, address, ended } = await begun(at, { method: 'browser' }, {})
    await expect.poll(terminal.written).toContain('no browser was opened, use the address above')
    const { url } = await at.signIn(address)
    await followed(await visit(url), url)
    expect(await ended).toBe('done')
  })

  test('without a terminal: plain text, no key is read, and it works', async () => {
    const tty = { input: false, output: false }
    const { terminal, address, ended } = await begun(at, { method: 'browser' }, { opens: true, tty })
    const { url } = await at.signIn(address)
    await followed(await visit(url), url)
    expect(await ended).toBe('done')
    expect(terminal.modes).toEqual([])
    expect(terminal.written()).not.toMatch(/[\r\u001b]/)
  })

  test('several at a time', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => begun(at)))
    const ends = all.map(async ({ address, ended }, index) => {
      const { url } = await at.signIn(address, { login: `person-${index}` })
      await followed(await visit(url), url)
      return ended
    })
    expect(await Promise.all(ends)).toEqual(['done', 'done', 'done', 'done'])
    expect(all.map(({ person }) => person())).toEqual(['person-0', 'person-1', 'person-2', 'person-3'])
  })
})

describe('where all ports of the list are taken', () => {
  const taken = async (): Promise<{ readonly ports: readonly number[]; readonly host: 'localhost' }> => {
    const ports = [portOf(await squatter('127.0.0.1')), portOf(await squatter('127.0.0.1'))]
    return { ports, host: 'localhost' }
  }

  test('auto goes on by device', async () => {
    const choices: string[] = []
    const chosen: InteractiveLoginOptions['chosen'] = ({ method, reason }) => choices.push(`${method}: ${reason}`)
    const terminal = fakeTerminal()
    const options = { redirect: await taken(), chosen, terminal, scope: 'openid' }
    const controller = new AbortController()
    const grant = interactiveLogin(options)(client({ issuer: at.issuer, clientId: 'browser' }))
    const ended = expect(grant({ signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    await expect.poll(terminal.written).toContain('and enter the code:')
    expect(choices).toEqual([
      'browser: there is a browser on this machine',
      'device: no port for the answer of the browser is free',
    ])
    expect(terminal.written()).not.toContain('/auth?')
    controller.abort()
    await ended
  })

  test('a browser that was asked for is an error, before anything is shown', async () => {
    const terminal = fakeTerminal()
    const options = { method: 'browser', redirect: await taken(), terminal } as const
    const grant = interactiveLogin(options)(client({ issuer: at.issuer, clientId: 'browser' }))
    await expect(grant()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    expect(terminal.written()).toBe('')
  })
})

describe('where nobody can act', () => {
  test.each<[string, InteractiveLoginOptions, FakeOptions, string]>([
    ['no terminal', {}, { tty: { input: false, output: false } }, 'LOGIN_REQUIRED'],
    ['continuous integration', {}, { env: { CI: 'true' } }, 'LOGIN_REQUIRED'],
    ['paste without stdin', { method: 'paste' }, { tty: { input: false, output: true } }, 'LOGIN_REQUIRED'],
    ['browser for a client without loopback', { method: 'browser', redirect: false }, {}, 'UNSUPPORTED'],
  ])('%s ends at once, without a word', async (_name, options, how, code) => {
    const terminal = fakeTerminal(how)
    const grant = interactiveLogin({ ...options, terminal })(client({ issuer: at.issuer, clientId: 'browser' }))
    await expect(grant()).rejects.toMatchObject({ code })
    expect(terminal.written()).toBe('')
    expect(terminal.spawned).toEqual([])
  })

  test('the choice is told before anything is shown', async () => {
    const seen: string[] = []
    const terminal = fakeTerminal({ env: { SSH_TTY: '1' } })
    const controller = new AbortController()
    const chosen: InteractiveLoginOptions['chosen'] = ({ method, reason }) => {
      seen.push(`${method}: ${reason}${terminal.written()}`)
      controller.abort()
    }
    const grant = interactiveLogin({ chosen, terminal })(client({ issuer: at.issuer, clientId: 'browser' }))
    await expect(grant({ signal: controller.signal })).rejects.toMatchObject({ code: 'ABORTED' })
    expect(seen).toEqual(['device: this is an ssh session'])
  })
})
