import type { Operation } from './operations.ts'

/** A generator of numbers from 0 up to 1, the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const backends = [
  'https://b.example.org',
  'https://b.example.org//',
  'HTTPS://b.example.org',
  'https://ü.example.org/v1/',
]
const issuers = [
  'https://iam.example.org/',
  'https://iam.example.org',
  'https://iam.example.org/realms/é',
  'i',
  '10',
  '2',
]
/** Names and secrets that a writer of JSON may get wrong: order of digits, escapes, characters beyond 16 bits. */
const words = [
  '10',
  '2',
  '007',
  '__proto__',
  'client-é',
  'a"b\\c/d',
  'tab\tline\n\x7f\u2028',
  '😀',
  '\ud800 alone',
  'plain',
  'constructor',
]

const start = Date.UTC(2026, 0, 2, 3, 4, 5)
const dated = (index: number): string => new Date(start + index * 61_000).toISOString().slice(0, 19).replace('T', ' ')

/** Forty operations of every kind on few keys, so that most meet what an earlier one left. */
export function sequence(seed: number): readonly (readonly [Operation, string])[] {
  const next = random(seed)
  const one = (of: readonly string[]): string => of[Math.floor(next() * of.length)] ?? ''
  const maybe = (value: string): string | null => (next() < 0.3 ? null : value)
  const operation = (index: number): Operation => {
    const kind = next()
    if (kind < 0.2) return ['basic', one(backends), one(words), maybe(one(words))]
    if (kind < 0.45) {
      return ['oidc', one(backends), one(words), maybe(one(words)), maybe(one(words)), maybe(one(issuers))]
    }
    // A refresh token never comes twice: an old one that comes back is another story (crashes-and-logouts.test.ts).
    if (kind < 0.75) return ['token', one(issuers), one(words), `${index} ${one(words)}`]
    if (kind < 0.85) return ['get token', one(issuers), one(words)]
    return kind < 0.92 ? ['get basic', one(backends)] : ['get oidc', one(backends), one(words)]
  }
  return Array.from({ length: 40 }, (_, index) => [operation(index), dated(index)] as const)
}
