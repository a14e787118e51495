import type { ExtraParameters } from '../issuer/token-request.ts'
import type { StepUp } from '../token/step-up.ts'

/** Both word lists as one, `undefined` where there are no words. */
export function joinedScope(one = '', other = ''): string | undefined {
  const words = `${one} ${other}`.split(' ').filter((word) => word !== '')
  return words.length === 0 ? undefined : [...new Set(words)].join(' ')
}

/** What an API asked for beyond its scope, as parameters of a login (RFC 9470 section 4). */
export function stepUpParameters({ acrValues, maxAge }: StepUp = {}): ExtraParameters {
  return {
    ...(acrValues !== undefined && { acr_values: acrValues }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
  }
}
