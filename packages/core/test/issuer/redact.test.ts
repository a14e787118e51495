import { describe, expect, test } from 'vitest'
import { cleanedCause, secretsOf, showable } from '../../src/issuer/redact.ts'

const secret = 's3cret/with+"quotes" & <more>é%'
const hex = (text: string): string =>
  text.replaceAll(/./g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

describe('a secret that a server writes back', () => {
  test.each([
    ['plain', secret],
    ['percent-encoded', encodeURIComponent(secret)],
    ['percent-encoded in lower case', encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase())],
    ['as a form', new URLSearchParams({ x: secret }).toString().slice(2)],
    ['as JSON', JSON.stringify(secret)],
    ['as JSON with escaped slashes', JSON.stringify(secret).replaceAll('/', '\\/')],
    ['as JSON in ASCII', secret.replaceAll(/[^a-z0-9 ]/gi, hex)],
    [
      'as HTML',
      secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
    ],
    ['as HTML with numbers', secret.replaceAll(/[^a-z0-9 ]/gi, (c) => `&#${c.charCodeAt(0)};`)],
    ['in capitals', secret.toUpperCase()],
  ])('is cut out %s', (_, written) => {
    const shown = showable(`The token ${written} is bad, and ${written} again`, [secret])
    expect(shown).toContain('The token')
    expect(shown).toContain('<redacted>')
    expect(shown.toLowerCase()).not.toContain('s3cret')
    expect(shown).not.toContain('more')
  })

  test('is cut out where it is longer than a pattern may be', () => {
    const long = `x.${'Ab-_'.repeat(3_000)}`
    expect(showable(`no ${long}.`, [long])).toBe('no <redacted>')
  })

  test('is cut out where one secret holds another', () => {
    const secrets = secretsOf(new URLSearchParams({ code: 'abcd', refresh_token: 'abcdefgh' }), null)
    expect(showable('abcdefgh abcd', secrets)).toBe('<redacted> <redacted>')
  })

  test('is cut out of Basic credentials in every form of them', () => {
    const header = `Basic ${btoa(`my-client:${new URLSearchParams({ x: 'pass word/1' }).toString().slice(2)}`)}`
    const secrets = secretsOf(null, header)
    for (const form of [header, header.slice(6), 'pass word/1', 'pass+word%2F1']) {
      expect(showable(`bad: ${form}`, secrets)).toBe('bad: <redacted>')
    }
    expect(showable('no client my-client', secrets)).toBe('no client my-client')
  })

  test('is cut out of Basic credentials also where it is not ASCII', () => {
    const bytes = new TextEncoder().encode('jöhn:пароль:€ 😀')
    const header = `Basic ${btoa(String.fromCharCode(...bytes))}`
    expect(showable('bad: пароль:€ 😀', secretsOf(null, header))).toBe('bad: <redacted>')
  })

  test('is whatever a form holds but what is known to be harmless', () => {
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: 'me-me',
      scope: 'openid',
      otp: '123456',
      pin: '12',
    })
    expect(secretsOf(form, null)).toEqual(['123456'])
  })
})

describe('text of a server', () => {
  test.each([
    ['a JWT', 'got eyJhbGciOiJub25lIn0.eyJqdGkiOiIxIn0. there', 'got <redacted> there'],
    ['an encrypted JWT', 'eyJhbGciOiJSU0EifQ.a-b.c_d.e.f!', '<redacted>!'],
    ['a JWT behind an underscore', 'token_eyJhbGciOiJub25lIn0.e30.x', 'token_<redacted>'],
    ['a JWT that was cut', 'eyJhbGciOiJub25lIn…', '<redacted>…'],
    ['a terminal sequence', 'a\u001b[31mb\u0007', 'a\\u001b[31mb\\u0007'],
    ['line ends', 'a\r\nb\u2028c\u0085d', 'a\\u000d\\u000ab\\u2028c\\u0085d'],
    ['bidirectional controls', 'a\u202eb\u2066c\u061cd', 'a\\u202eb\\u2066c\\u061cd'],
    ['what has no width', 'a\u200bb\ufeffc\u2060d', 'a\\u200bb\\ufeffc\\u2060d'],
    ['tag characters', 'a\u{e0041}b', 'a\\u{e0041}b'],
    ['half a pair', 'a\ud800b', 'a\\ud800b'],
    ['other languages', 'Zugriff verweigert – 拒否 🚫', 'Zugriff verweigert – 拒否 🚫'],
  ])('%s', (_, text, shown) => {
    expect(showable(text)).toBe(shown)
  })

  test('is cut at 300 characters, and a mebibyte of it takes no time', () => {
    expect(showable('x'.repeat(301))).toBe(`${'x'.repeat(300)}…`)
    const started = performance.now()
    for (const piece of ['eyJ', 'eyJhbGciOiJub25lIn0.', 'a', 'aaab ', '\u202e']) {
      showable(piece.repeat(2 ** 20 / piece.length), ['a'.repeat(2048), `${'a'.repeat(500)}b`])
    }
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})

describe('the cause of an error', () => {
  test('keeps names, texts and codes, and none of what else a foreign error holds', () => {
    const inner = Object.assign(new Error('connect to SECRET-1'), { code: 'ECONNREFUSED', request: 'SECRET-2' })
    const outer = Object.assign(new TypeError('fetch failed', { cause: inner }), { body: { token: 'SECRET-3' } })
    const cause = cleanedCause(outer, ['SECRET-1'])
    expect(cause).toMatchObject({
      message: 'fetch failed',
      cause: { message: 'connect to <redacted>', code: 'ECONNREFUSED' },
    })
    expect(cause?.stack).toBe('TypeError: fetch failed')
    expect(Object.keys(cause ?? {})).toEqual([])
    expect(cleanedCause('text')).toBeUndefined()
    const circle = new Error('round')
    circle.cause = circle
    expect(cleanedCause(circle)).toMatchObject({ message: 'round' })
  })
})
