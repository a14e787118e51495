import { type Answer, type Authorization, afterRedirect, sendAuthorized, type Transport } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { answer } from './answers.ts'

const hop = { method: 'POST', url: new URL('https://a.example/x/y?q#here') }

const led = (status: number, location: string | null, method = 'POST'): unknown[] | undefined => {
  const next = afterRedirect({ ...hop, method }, status, location)
  return next && [next.method, next.url.href, next.keepsBody]
}

describe('afterRedirect', () => {
  test.each([
    [301, 'POST', 'GET', false],
    [302, 'POST', 'GET', false],
    [303, 'POST', 'GET', false],
    [303, 'PUT', 'GET', false],
    [303, 'HEAD', 'HEAD', true],
    [301, 'PUT', 'PUT', true],
    [302, 'DELETE', 'DELETE', true],
    [307, 'POST', 'POST', true],
    [308, 'POST', 'POST', true],
    [302, 'GET', 'GET', true],
  ])('%i makes of a %s a %s', (status, method, next, keepsBody) => {
    expect(led(status, 'z', method)).toEqual([next, 'https://a.example/x/z#here', keepsBody])
  })

  test('the fragment is kept unless the location has one', () => {
    expect(led(307, '//b.example/#there')).toEqual(['POST', 'https://b.example/#there', true])
    expect(led(307, 'http://b.example')).toEqual(['POST', 'http://b.example/#here', true])
  })

  test('what is no redirect leads nowhere', () => {
    for (const status of [200, 300, 304, 305, 306, 401, 500]) expect(led(status, '/z')).toBeUndefined()
    expect(led(302, null)).toBeUndefined()
  })

  test.each(['http://', 'javascript:alert(1)', 'file:///etc/passwd', 'data:,x', 'ftp://a.example/'])(
    '%s is refused',
    (location) => {
      expect(() => led(302, location)).toThrow(TypeError)
    },
  )
})

interface Sent {
  readonly transport: Transport<Answer>
  readonly carried: string[]
  readonly discarded: Answer[]
}

function sending(...answers: readonly Answer[]): Sent {
  const left = [...answers]
  const carried: string[] = []
  const discarded: Answer[] = []
  const transport: Transport<Answer> = {
    send: async (headers) => {
      carried.push(headers['authorization'] ?? '')
      return left.shift() ?? answer(200)
    },
    answer: (response) => response,
    discard: async (response) => {
      discarded.push(response)
    },
  }
  return { transport, carried, discarded }
}

const then = (name: string, next?: Authorization): Authorization => ({
  headers: { authorization: name },
  answered: ({ status }) => (status < 400 ? undefined : Promise.resolve(next)),
})

describe('sendAuthorized', () => {
  test('sends a hop once where the answer is good, and once for each authorization it is given', async () => {
    const once = sending()
    expect((await sendAuthorized(then('a', then('b')), once.transport)).status).toBe(200)
    expect(once.carried).toEqual(['a'])
    const refused = answer(401)
    const twice = sending(refused)
    expect((await sendAuthorized(then('a', then('b')), twice.transport)).status).toBe(200)
    expect([twice.carried, twice.discarded]).toEqual([['a', 'b'], [refused]])
  })

  test('sends four times at most', async () => {
    const endless: Authorization = { headers: { authorization: 'x' }, answered: async () => endless }
    const four = sending()
    await sendAuthorized(endless, four.transport)
    expect(four.carried.length).toBe(4)
    expect(four.discarded.length).toBe(3)
  })

  test('tells of an answer that cannot be sent again, and does not send again', async () => {
    const gone = { ...answer(401), replayable: false }
    const once = sending(gone)
    expect(await sendAuthorized(then('a', then('b')), once.transport)).toBe(gone)
    expect([once.carried, once.discarded]).toEqual([['a'], []])
  })

  test('gets rid of the answer when the authorizer fails', async () => {
    const refused = answer(401)
    const failing: Authorization = { headers: {}, answered: () => Promise.reject(new Error('no login')) }
    const once = sending(refused)
    await expect(sendAuthorized(failing, once.transport)).rejects.toThrow('no login')
    expect(once.discarded).toEqual([refused])
  })

  test('looks at no answer where nobody wants to know', async () => {
    const silent = sending(answer(401))
    const transport = { ...silent.transport, answer: () => expect.fail('looked') }
    expect((await sendAuthorized({ headers: {} }, transport)).status).toBe(401)
  })
})
