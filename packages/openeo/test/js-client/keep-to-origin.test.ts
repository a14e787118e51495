import { expect, test } from 'vitest'
import { keepToOrigin } from '../../src/js-client/keep-to-origin.ts'

test.each([
  ['https://api.example.org/other?x=1', true],
  ['https://api.example.org:443/', true],
  ['https://sub.api.example.org/', false],
  ['https://api.example.org:8443/', false],
  ['http://api.example.org/', false],
  ['https://api.example.org@elsewhere.example/', false],
  ['nonsense', false],
  [undefined, false],
])('a redirect to %s keeps the token: %s', (href, kept) => {
  const headers = { Accept: '*/*', Authorization: 'Bearer x', authorization: 'Bearer y' }
  keepToOrigin(new URL('https://api.example.org/jobs'))({ href, headers })
  expect(Object.keys(headers)).toEqual(kept ? ['Accept', 'Authorization', 'authorization'] : ['Accept'])
})
