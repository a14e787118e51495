import { normalizeIssuer } from '@latchkey/core'
import { expect, test } from 'vitest'

test.each([
  ['https://a', 'https://a'],
  ['https://a///', 'https://a'],
  ['https://a//b/', 'https://a//b'],
  ['///', '/'],
  ['', '/'],
])('the issuer %j is stored as %j', (issuer, stored) => {
  expect(normalizeIssuer(issuer)).toBe(stored)
})

// Once for each slash of a run it took minutes, in which no deadline and no signal gets through.
test('a flood of slashes is looked at once', () => {
  const flood = `https://a${'/'.repeat(1_000_000)}b`
  expect(normalizeIssuer(flood)).toBe(flood)
})
