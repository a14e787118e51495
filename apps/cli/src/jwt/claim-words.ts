import { durationText } from '../duration.ts'
import { terminalText } from '../terminal-text.ts'
import type { Jwt } from './jwt.ts'

/** Claims that are seconds since 1970 (RFC 7519 section 4.1, OpenID Connect Core section 2), each in words. */
const times: ReadonlyMap<string, (ms: number, now: number) => string> = new Map([
  ['exp', (at, now) => (at > now ? `expires in ${durationText(at - now)}` : `expired ${ago(at, now)}`)],
  [
    'nbf',
    (at, now) => (at > now ? `not good before ${durationText(at - now)} from now` : `good since ${span(at, now)}`),
  ],
  ['iat', (at, now) => (at > now ? `made ${durationText(at - now)} in the future` : `made ${ago(at, now)}`)],
  [
    'auth_time',
    (at, now) => (at > now ? `logged in ${durationText(at - now)} in the future` : `logged in ${ago(at, now)}`),
  ],
  ['updated_at', (at, now) => (at > now ? `${durationText(at - now)} in the future` : ago(at, now))],
])

const span = (at: number, now: number): string => durationText(now - at)
const ago = (at: number, now: number): string => `${span(at, now)} ago`

/** The furthest time that a `Date` can hold. */
const furthestMs = 8.64e15

/** One claim in words. */
export function claimText(name: string, value: unknown, now: number): string {
  const words = times.get(name)
  if (words !== undefined && typeof value === 'number' && Math.abs(value * 1000) <= furthestMs) {
    return `${words(value * 1000, now)} (${new Date(value * 1000).toISOString()})`
  }
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ')
  return JSON.stringify(value)
}

function rows(title: string, members: Readonly<Record<string, unknown>>, now: number): string {
  const shown = Object.entries(members).map(
    ([name, value]) => [terminalText(name), claimText(name, value, now)] as const,
  )
  const width = Math.min(24, Math.max(0, ...shown.map(([name]) => name.length)))
  return `${title}\n${shown.map(([name, text]) => `  ${name.padEnd(width)}  ${terminalText(text)}\n`).join('')}`
}

/** A JWT in lines for a person. */
export function jwtText({ header, claims }: Jwt, now: number): string {
  return `${rows('header', header, now)}\n${rows('claims, not verified: nobody has checked the signature', claims, now)}`
}
