import { expect, test } from 'vitest'
import { loggedInText } from '../src/logged-in-text.ts'

const issuer = 'https://iam.example.org'

test.each<[Record<string, unknown> | undefined, string]>([
  [undefined, ''],
  [{ sub: '6f1c' }, ''],
  [{ name: 'Marie Curie', email: 'marie@example.org', preferred_username: 'marie' }, ' as marie'],
  [{ name: 'Marie Curie', email: 'marie@example.org' }, ' as marie@example.org'],
  [{ name: 'Marie Curie', preferred_username: '' }, ' as Marie Curie'],
  [{ name: 7 }, ''],
  [{ name: 'a\u001b[2Jb\u202ec\n' }, ' as a\\u{1b}[2Jb\\u{202e}c\\u{a}'],
  [{ name: 'x'.repeat(300) }, ` as ${'x'.repeat(100)}`],
])('%j', (claims, who) => {
  expect(loggedInText(issuer, claims)).toBe(`Logged in at ${issuer}${who}.`)
})
