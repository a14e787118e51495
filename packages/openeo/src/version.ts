/** A version by SemVer 2.0.0 section 2, its build metadata left out. */
export interface Version {
  readonly numbers: readonly [number, number, number]
  /** Identifiers of a pre-release; none for a release. */
  readonly before: readonly string[]
}

const form = /^(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]*)?$/

/** The version in a text; numbers left out count as 0. `undefined`: it is none. */
export function parseVersion(text: string): Version | undefined {
  const found = form.exec(text)
  if (found === null) return undefined
  const [, major, minor = '0', patch = '0', before] = found
  return { numbers: [Number(major), Number(minor), Number(patch)], before: before?.split('.') ?? [] }
}

/** Precedence by SemVer section 11: by number and not by text, a pre-release before its release. Less than 0: `a` is older. */
export function compareVersions(a: Version, b: Version): number {
  for (const at of [0, 1, 2] as const) if (a.numbers[at] !== b.numbers[at]) return a.numbers[at] - b.numbers[at]
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length
  for (const [at, one] of a.before.entries()) {
    const other = b.before[at]
    if (other === undefined) return 1
    const order = compareIdentifiers(one, other)
    if (order !== 0) return order
  }
  return a.before.length - b.before.length
}

const isNumber = (text: string): boolean => /^\d+$/.test(text)

/** Section 11.4: numbers by value and before words, words by ASCII. */
function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0
  if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1
  if (isNumber(a) && a.length !== b.length) return a.length - b.length
  return a < b ? -1 : 1
}

const oldest: Version = { numbers: [1, 0, 0], before: [] }

/** Whether openEO's authentication can be expected of an API of this version: 1.0.0 or later. */
export function isSupported(version: Version | undefined): version is Version {
  return version !== undefined && compareVersions(version, oldest) >= 0
}
