import { inspect } from 'node:util'
import { type ClientOptions, client } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { stateOf } from '../../src/client/client.ts'
import { thrown } from '../issuer/thrown.ts'

const made = (options: Partial<ClientOptions>) => async () =>
  client({ issuer: 'https://a.example', clientId: 'c', ...options })

describe('a client', () => {
  test('is made without asking anybody', () => {
    const fetch = (): never => expect.unreachable('nothing is asked')
    expect(client({ issuer: 'https://a.example/', clientId: 'c', scope: 'openid', fetch })).toMatchObject({
      issuer: 'https://a.example/',
      clientId: 'c',
      scope: 'openid',
    })
  })

  test.each([
    'http://a.example',
    'https://user:planted@a.example',
    'https//user:planted@a.example',
    'user:planted@a.example',
    'https://a.example?x',
    'https://a.example/#',
    'ftp://a.example',
    'a.example',
    '',
    'javascript:alert(1)',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
  ])('of %j is refused, as no issuer', async (issuer) => {
    const error = await thrown(made({ issuer })())
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.message).not.toContain('planted')
    expect(error.message).toMatch(/: "[^"]*" is none\.$/)
  })

  test.each([
    'https://a.example/b/',
    'http://localhost:8080',
    'http://127.0.0.1',
    'http://127.1.2.3:1',
    'http://[::1]:8080',
  ])('of %s is made', (issuer) => {
    expect(client({ issuer, clientId: 'c' }).issuer).toBe(issuer)
  })

  test('of an http issuer elsewhere needs allowHttp', () => {
    expect(client({ issuer: 'http://a.example', clientId: 'c', allowHttp: true }).issuer).toBe('http://a.example')
  })

  test.each([{ clientId: '' }, { clientSecret: '' }, { timeoutMs: 0 }, { timeoutMs: -1 }, { timeoutMs: Number.NaN }])(
    'with %j is refused',
    async (options) => {
      const error = await thrown(made(options)())
      expect(error.code).toBe('CONFIG_INVALID')
      expect(error.message).toContain('a.example')
    },
  )

  test('shows its secret to nobody, and is frozen', () => {
    const one = client({ issuer: 'https://a.example', clientId: 'c', clientSecret: 'very-secret' })
    expect(inspect(one, { depth: 12, showHidden: true }) + JSON.stringify(one)).not.toContain('very-secret')
    expect(Object.isFrozen(one)).toBe(true)
  })

  test('is nothing that a program could make by hand', () => {
    expect(() => stateOf({ issuer: 'x', clientId: 'c', metadata: () => expect.unreachable() })).toThrow('Not a client')
  })
})
