import { staticToken } from '@latchkey/core'
import { tokenSourceContract } from '@latchkey/testkit/contracts/token-source'
import { describe, expect, test } from 'vitest'

tokenSourceContract('staticToken', {
  make: () => ({ source: staticToken('s3cret'), exchanges: () => 0 }),
  renews: false,
})

describe('staticToken', () => {
  test('takes a text or a token, and normalises its scheme', async () => {
    expect(await staticToken('t').getToken()).toMatchObject({ accessToken: 't', tokenType: 'Bearer' })
    const token = { accessToken: 't', tokenType: 'bearer', scope: 'a b', expiresAt: 1 }
    expect(await staticToken(token).getToken()).toMatchObject({ ...token, tokenType: 'Bearer' })
  })

  test.each(['', 'a b', 'a\n', 'ä'])('%j is refused: no header can carry it', (token) => {
    expect(() => staticToken(token)).toThrow(expect.objectContaining({ code: 'RESPONSE_INVALID' }))
  })

  test('a rejected token of another source does not matter', async () => {
    const rejected = { accessToken: 'other', tokenType: 'Bearer' }
    expect((await staticToken('t').getToken({ rejected })).accessToken).toBe('t')
  })

  test('more than a token is not to be had from it', async () => {
    const stepUp = { acrValues: 'mfa' }
    await expect(staticToken('t').getToken({ stepUp })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
  })
})
