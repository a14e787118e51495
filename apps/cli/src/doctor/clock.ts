import { durationText } from '../duration.ts'
import { type Check, type Finding, fail, ok, warn } from './finding.ts'

/** Less is the answer's way, and the second that the header counts in. */
const noticedMs = 5_000
/** From here on issuers do not believe us: assertions and proofs live for a minute. */
const harmfulMs = 60_000

/** Judges our clock by an issuer's. */
export function clockFinding(issuer: string, offset: number): Finding {
  const { host } = new URL(issuer)
  const size = Math.abs(offset)
  if (size < noticedMs) return ok('clock', `agrees with that of ${host}`)
  const text = `This machine's clock is ${durationText(size)} ${offset < 0 ? 'ahead of' : 'behind'} that of ${host}.`
  const mend = 'set the clock: sudo timedatectl set-ntp true'
  return size < harmfulMs ? warn('clock', text, mend) : fail('clock', text, mend)
}

export const clockCheck: Check = async ({ issuers }) =>
  issuers.flatMap(({ issuer, clockOffset }) => (clockOffset === undefined ? [] : [clockFinding(issuer, clockOffset)]))
