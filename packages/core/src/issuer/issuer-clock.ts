import type { IssuerMetadata } from '../client/discovery.ts'
import type { Clock } from '../clock.ts'

/** Less than this is the resolution of the header and the answer's way. */
const noticedMs = 5_000

/** Milliseconds by which an issuer's clock is ahead of ours: one measure for all clients of one issuer. */
const offsets = new WeakMap<IssuerMetadata, number>()

/** Takes the issuer's time from the `Date` of an answer (RFC 9110 section 6.6.1). What came out of a cache says nothing. */
export function noteTime(metadata: IssuerMetadata, headers: Headers, clock: Clock): void {
  const date = Date.parse(headers.get('date') ?? '')
  if (Number.isFinite(date) && !headers.has('age')) offsets.set(metadata, date - clock.now())
}

function offsetOf(metadata: IssuerMetadata): number {
  const offset = offsets.get(metadata) ?? 0
  return Math.abs(offset) < noticedMs ? 0 : offset
}

/** Epoch milliseconds by the issuer's clock, as far as it is known: what it signs and checks follows that one. */
export function issuerNow(metadata: IssuerMetadata, clock: Clock): number {
  return clock.now() + offsetOf(metadata)
}

/** What to tell a person when times do not agree. */
export function clockAdvice(metadata: IssuerMetadata): string {
  const seconds = Math.round(offsetOf(metadata) / 1000)
  if (seconds === 0) return 'Check the clock of this machine.'
  const how = `${Math.abs(seconds)} s ${seconds < 0 ? 'ahead of' : 'behind'}`
  return `Check the clock of this machine: it is ${how} the issuer's.`
}
