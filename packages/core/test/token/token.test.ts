import { inspect } from 'node:util'
import { freezeToken } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

describe('a token', () => {
  const token = freezeToken({ accessToken: 'AT-secret', tokenType: 'bearer', expiresAt: 5, scope: 'read' })

  test('is frozen, and has what it was given', () => {
    expect(Object.isFrozen(token)).toBe(true)
    expect(token).toEqual({ accessToken: 'AT-secret', tokenType: 'Bearer', expiresAt: 5, scope: 'read' })
  })

  test.each([
    ['bearer', 'Bearer'],
    ['BEARER', 'Bearer'],
    ['dpop', 'DPoP'],
    ['Mac', 'Mac'],
  ])('of type %s is of type %s', (written, type) => {
    expect(freezeToken({ accessToken: 'x', tokenType: written }).tokenType).toBe(type)
  })

  test('is printed without itself, also inside something else', () => {
    const shown = [inspect({ a: [token] }, { depth: 12, showHidden: true }), JSON.stringify({ a: [token] })]
    for (const text of shown) {
      expect(text).not.toContain('AT-secret')
      expect(text).toContain('<redacted>')
    }
  })

  test.each(['', ' ', 'a b', 'a\n', 'a\r\nx: y', 'a\u0000', 'é', '\ufeffa', 'a\u007f'])(
    'of %j is refused, and not told',
    async (accessToken) => {
      const error = await thrown((async () => freezeToken({ accessToken, tokenType: 'Bearer' }))())
      expect(error.code).toBe('RESPONSE_INVALID')
      expect(error.message).toBe('The access token is empty or holds characters that no header can carry.')
    },
  )
})
