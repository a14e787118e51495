import { basic } from '@latchkey/core'
import { authorizerContract } from '@latchkey/testkit/contracts/authorizer'
import { describe, expect, test } from 'vitest'
import { answer, authorization } from './answers.ts'

const api = 'https://api.example.org'

authorizerContract('basic', { make: () => basic('marie', 'app-token', api) })

describe('basic', () => {
  test.each([
    ['Aladdin', 'open sesame', 'QWxhZGRpbjpvcGVuIHNlc2FtZQ=='],
    ['test', '123£', 'dGVzdDoxMjPCow=='],
    ['', 'pass:word', 'OnBhc3M6d29yZA=='],
  ])('%s and %s are sent as RFC 7617 has it, in UTF-8', async (user, password, encoded) => {
    expect((await authorization(basic(user, password, api))).headers).toEqual({ authorization: `Basic ${encoded}` })
  })

  test.each([
    ['ma:rie', 'x'],
    ['marie', 'x\n'],
    ['ma\u0000rie', 'x'],
    ['marie', '\u007f'],
  ])('%j and %j are refused, and not repeated', (user, password) => {
    const make = (): unknown => basic(user, `hunter2${password}`, api)
    expect(make).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    expect(make).not.toThrow(/hunter2/)
  })

  test('a refusal is the caller’s', async () => {
    expect((await authorization(basic('a', 'b', api))).answered?.(answer(401))).toBeUndefined()
  })
})
