/** Tests that may be skipped although every peer is there: a part of the name, and why. A skip without a row fails the full run. */
export const allowedSkips: readonly (readonly [namePart: string, reason: string])[] = [
  ['::1', 'a machine without ::1 has nothing to test there'],
]
