import type { IssuerMetadata } from '../client/discovery.ts'
import type { Clock } from '../clock.ts'

/** Less than this is the resolution of the header and the answer's way. */
const noticedMs = 5_000

/** Milliseconds by which an issuer's clock is ahead of ours: one measure for all clients of one issuer. */
const offsets = new WeakMap<IssuerMetadata, number>()

/** By how much the clock of whoever answered is ahead of ours (`Date`, RFC 9110 section 6.6.1). What came out of a cache says nothing. */
function measured(headers: Headers, now: number): number | undefined {
  const date = Date.parse(headers.get('date') ?? '')
  return Number.isFinite(date) && !headers.has('age') ? date - now : undefined
}

/** Takes the issuer's time from an answer. */
export function noteTime(metadata: IssuerMetadata, headers: Headers, clock: Clock): void {
  const offset = measured(headers, clock.now())
  if (offset !== undefined) offsets.set(metadata, offset)
}

/** Epoch milliseconds by the issuer's clock, as far as it is known: what it signs and checks follows that one. */
export function issuerNow(metadata: IssuerMetadata, clock: Clock): number {
  const offset = offsets.get(metadata) ?? 0
  return clock.now() + (isNoticed(offset) ? offset : 0)
}

const isNoticed = (offset: number): boolean => Math.abs(offset) >= noticedMs

/** What to tell a person when times do not agree. */
export function clockAdvice(metadata: IssuerMetadata): string {
  const offset = offsets.get(metadata) ?? 0
  return isNoticed(offset)
    ? `Check the clock of this machine: ${compared(offset)}.`
    : 'Check the clock of this machine.'
}

/** What is worth telling of the clocks when a server does not believe us; `undefined` where they agree. */
export function clockNote(headers: Headers, now: number): string | undefined {
  const offset = measured(headers, now) ?? 0
  return isNoticed(offset) ? `The clock of this machine may be why: ${compared(offset)}.` : undefined
}

function compared(offset: number): string {
  const seconds = Math.round(offset / 1000)
  return `it is ${Math.abs(seconds)} s ${seconds < 0 ? 'ahead of' : 'behind'} the issuer's`
}
