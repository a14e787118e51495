import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultsOutcome, type Outcome, root } from './command.ts'

// Native tools keep one package a platform. pnpm leaves out, without a word, what the registry it asked did not have,
// and the install on a Mac then succeeds and only the tool's first start fails.
const platforms: readonly (readonly [string, ...string[]])[] = [
  ['@turbo/', 'darwin-64', 'darwin-arm64', 'windows-64', 'windows-arm64'],
  ['@biomejs/cli-', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'],
  ['@oxlint/binding-', 'darwin-x64', 'darwin-arm64', 'win32-x64-msvc', 'win32-arm64-msvc'],
  ['@oxlint-tsgolint/', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'],
  ['@rolldown/binding-', 'darwin-x64', 'darwin-arm64', 'win32-x64-msvc', 'win32-arm64-msvc'],
  ['@typescript/typescript-', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'],
  ['@pnpm/exe.', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'],
]

const sha512 = /^ {4}resolution: \{integrity: sha512-[A-Za-z0-9+/]{86}==\}$/

/** What is wrong with a pnpm-lock.yaml (format 9.0), one line a fault: entries without sha512, hosts, tarball or git addresses, missing platforms. */
export function lockfileFaults(text: string): string[] {
  const faults: string[] = []
  const lines = text.split('\n')
  const start = lines.indexOf('packages:')
  const end = lines.indexOf('snapshots:')
  if (!text.startsWith("lockfileVersion: '9.0'") || start < 0 || end < start) return ['not a lockfile of format 9.0']

  const names: string[] = []
  lines.forEach((line, index) => {
    if (/https?:|git\+|git@[a-z]+[.:]|tarball:|\bcodeload\b/.test(line))
      faults.push(`line ${index + 1}: address: ${line.trim()}`)
    const name = index > start && index < end ? /^ {2}'?([^\s'][^']*?)'?:$/.exec(line)?.[1] : undefined
    if (name === undefined) return
    names.push(name)
    if (!sha512.test(lines[index + 1] ?? '')) faults.push(`line ${index + 1}: ${name} has no sha512 integrity`)
  })

  if (names.length < 50)
    faults.push(`only ${names.length} packages were found: is the format still the one this check reads?`)
  for (const [prefix, ...suffixes] of platforms) {
    for (const suffix of suffixes) {
      if (!names.some((name) => name.startsWith(`${prefix}${suffix}@`))) faults.push(`${prefix}${suffix} is missing`)
    }
  }
  return faults
}

/** The lockfile check of `npm run check`. */
export function lockfile(): Outcome {
  return faultsOutcome(lockfileFaults(readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')))
}
