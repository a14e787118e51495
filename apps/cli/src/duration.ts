import type { Arguments } from './args.ts'
import { UsageError } from './usage-error.ts'

const units: readonly (readonly [number, string])[] = [
  [86_400, 'days'],
  [3_600, 'h'],
  [60, 'min'],
]

/** A time span as a person says it: 45 s, 4 min, 3 h, 12 days. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const unit = units.find(([size]) => seconds >= 2 * size)
  return unit === undefined ? `${seconds} s` : `${Math.floor(seconds / unit[0])} ${unit[1]}`
}

/** Longer is no time to wait: `setTimeout` ends at 24 days. */
const mostSeconds = 86_400

/**
 * An option that is a number of seconds, in milliseconds.
 *
 * @throws UsageError
 */
export function secondsOption(args: Arguments, name: string): number | undefined {
  const text = args.values.get(name)
  if (text === undefined) return undefined
  const seconds = Number(text)
  if (/^\d+$/.test(text) && seconds <= mostSeconds) return seconds * 1000
  throw new UsageError(`--${name} is a number of seconds from 0 to ${mostSeconds}.`)
}
