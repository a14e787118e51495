import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { AuthError } from '@latchkey/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loopbackReceiver } from '../src/index.ts'
import { followed, raw, visit } from './support/visit.ts'
import { good, portOf, squatter, waiting } from './support/waiting.ts'

describe('3.7 row 8: more than one answer', () => {
  test('the first is taken; its reload comes to the same page, another is told so', async () => {
    const { receiver, url, received } = await waiting()
    const first = await visit(url + good)
    const reload = await visit(url + good)
    expect(reload.headers['location']).toBe(first.headers['location'])
    const second = await visit(`${url}?code=other&state=right`)
    expect(second.status).toBe(409)
    expect(second.text).toContain('This sign-in has already been received')
    expect((await received).get('code')).toBe('c0de')
    const pages = [followed(first, url), followed(reload, url)]
    // Whoever asks last is answered last.
    await visit(`${url}?state=wrong`)
    await receiver.close('success')
    for (const { text } of await Promise.all(pages)) expect(text).toContain('You are signed in')
  })

  test('the page waits for the end of the login, and says how that was', async () => {
    const { receiver, url, received } = await waiting()
    const page = followed(await visit(url + good), url)
    await received
    const first = await Promise.race([page, visit(`${url}?state=wrong`)])
    expect(first.status).toBe(409)
    await receiver.close('denied')
    expect((await page).text).toContain('You were not signed in')
  })

  test('a browser that asks for its page after the login has ended still gets it', async () => {
    const { receiver, url, received } = await waiting()
    const first = await visit(url + good)
    await received
    const closed = receiver.close('success')
    expect((await followed(first, url)).text).toContain('You are signed in')
    await closed
  })
})

test('an isAnswer that throws has taken nothing, and the wait goes on', async () => {
  const receiver = await loopbackReceiver()
  onTestFinished(() => receiver.close())
  const received = receiver.receive((answer) => {
    if (answer.get('state') === 'right') return true
    throw new Error('of the caller')
  })
  await expect(visit(`${receiver.redirectUri}?state=wrong`)).rejects.toThrow()
  const page = visit(`${receiver.redirectUri}?code=c&state=right`)
  expect((await received).get('code')).toBe('c')
  expect((await page).status).toBe(303)
})

describe('3.7 row 9: nothing of a request is in a page', () => {
  const hostile = '<script>alert(1)</script>"\'&'

  test.each(['success', 'denied', 'expired', 'unreachable', 'failed'] as const)('%s', async (name) => {
    const details = { app: `tool${hostile}`, where: 'iam.example.org' }
    const { receiver, url, received } = await waiting({ details })
    const query = new URLSearchParams({ code: hostile, state: 'right', error_description: hostile })
    const page = followed(await visit(`${url}?${query.toString()}`), url)
    await received
    await receiver.close(name)
    const { status, headers, text } = await page
    expect(status).toBe(200)
    expect(text).not.toContain('<script')
    expect(text).toContain('tool&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^']+'; img-src data:;/),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-type': 'text/html; charset=utf-8',
    })
  })

  test('neither is it in a refusal', async () => {
    const { url } = await waiting()
    for (const query of ['?state=%3Cscript%3E', '?error=%3Cscript%3E']) {
      const { text, headers } = await visit(url + query)
      expect(text).not.toContain('script')
      expect(headers['content-security-policy']).toContain("default-src 'none'")
    }
  })

  test('the address of the page holds no code, and nobody can guess it', async () => {
    const { url } = await waiting()
    const { headers } = await visit(url + good)
    expect(headers['location']).toMatch(/^\/done\/[\w-]{22}$/)
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    expect((await visit(new URL('/done/AAAAAAAAAAAAAAAAAAAAAA', url).href)).status).toBe(404)
  })
})

describe('3.7 row 10: clients that are slow, many or long', () => {
  const open = async (port: number): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    return socket
  }

  test('a URL of 20 KB is 431, and the wait goes on', async () => {
    const { url, port, received } = await waiting()
    const head = `GET /callback?x=${'y'.repeat(20_000)} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`
    expect(await raw(port, head)).toMatch(/^HTTP\/1.1 431 /)
    await visit(url + good)
    expect((await received).get('code')).toBe('c0de')
  })

  test('a thousand connections do not lock the browser out', async () => {
    const { url, port, received } = await waiting()
    for (let i = 0; i < 1000; i += 50) await Promise.all(Array.from({ length: 50 }, () => open(port)))
    await visit(url + good)
    expect((await received).get('code')).toBe('c0de')
  })

  test('the end does not wait for connections that say nothing, or half of something', async () => {
    const { receiver, port } = await waiting()
    const silent = await open(port)
    const half = await open(port)
    half.write(`GET /callback HTTP/1.1\r\nHost: `)
    const ended = Promise.all([silent, half].map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    const started = performance.now()
    await receiver.close()
    await ended
    expect(performance.now() - started).toBeLessThan(500)
  })

  test('bytes that are no HTTP are answered and forgotten', async () => {
    const { port, over } = await waiting()
    expect(await raw(port, '\u0016\u0003\u0001 hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /)
    expect(over()).toBe(false)
  })
})

describe('3.7 row 11: the browser never returns', () => {
  test('a signal ends the wait with its reason, and the port is free at once', async () => {
    const receiver = await loopbackReceiver()
    const controller = new AbortController()
    const received = receiver.receive(() => true, { signal: controller.signal })
    controller.abort(new AuthError('LOGIN_EXPIRED', 'Too late.'))
    await expect(received).rejects.toMatchObject({ code: 'LOGIN_EXPIRED' })
    await receiver.close()
    const port = Number(new URL(receiver.redirectUri).port)
    expect(portOf(await squatter('127.0.0.1', port))).toBe(port)
  })

  test('a signal that has fired before is heard', async () => {
    const receiver = await loopbackReceiver()
    onTestFinished(() => receiver.close())
    const waits = receiver.receive(() => true, { signal: AbortSignal.abort() })
    await expect(waits).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

test('several logins of one process do not meet', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => waiting()))
  expect(new Set(all.map(({ port }) => port)).size).toBe(8)
  await Promise.all(all.map(({ url }, index) => visit(`${url}?code=c${index}&state=right`)))
  const codes = await Promise.all(all.map(async ({ received }) => (await received).get('code')))
  expect(codes).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'])
})
