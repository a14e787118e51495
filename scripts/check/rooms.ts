import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { faultsOutcome, type Outcome, root } from './command.ts'

// Who may import what (ARCHITECTURE.md). A new package, and a new dependency of an old one, is a new word here: that is the review.
const rooms: Readonly<Record<string, readonly string[]>> = {
  'packages/core': ['oauth4webapi'],
  'packages/fetch': ['@latchkey/core'],
  'packages/axios': ['@latchkey/core', 'axios', 'node:'],
  'packages/got': ['@latchkey/core', 'got', 'node:'],
  'packages/undici': ['@latchkey/core', 'undici', 'node:'],
  'packages/file-store': ['@latchkey/core', 'node:'],
  'packages/login': ['@latchkey/core', 'node:', 'uqr'],
  'packages/openeo': ['@latchkey/core', '@latchkey/file-store', '@openeo/js-client', 'node:'],
  'packages/testkit': ['@latchkey/core', 'node:', 'oidc-provider', 'vitest'],
  'apps/cli': [
    '@latchkey/core',
    '@latchkey/fetch',
    '@latchkey/file-store',
    '@latchkey/login',
    '@latchkey/openeo',
    'node:',
  ],
}

/** One import of a source file: static, dynamic, of a type, or a re-export. */
export interface Import {
  readonly line: number
  readonly specifier: string
}

// Comment lines start with `*` or `//` in formatted sources, so that examples in doc comments are not taken for imports.
const comment = /^\s*(\*|\/\*|\/\/)/
const specifiers = /(?:^\s*import\s+|^.*\bfrom\s+|\bimport\(\s*|\brequire\(\s*)(['"])([^'"\n]+)\1/g

/** The imports of a formatted source text. */
export function importsOf(text: string): Import[] {
  return text.split('\n').flatMap((line, index) => {
    if (comment.test(line)) return []
    return [...line.matchAll(specifiers)].map((found) => ({ line: index + 1, specifier: found[2] ?? '' }))
  })
}

function names(specifier: string, allowed: string): boolean {
  return allowed.endsWith(':')
    ? specifier.startsWith(allowed)
    : specifier === allowed || specifier.startsWith(`${allowed}/`)
}

/** Why this file may not import this; `undefined` when it may. Paths are relative to the root, with slashes. */
export function importFault(file: string, specifier: string): string | undefined {
  const room = /^(packages|apps)\/[^/]+/.exec(file)?.[0]
  if (specifier.startsWith('.')) {
    const target = relative(root, resolve(root, dirname(file), specifier))
      .split(sep)
      .join('/')
    const home = room !== undefined && file.startsWith(`${room}/src/`) ? `${room}/src/` : room
    const foreign = home === undefined ? /^(packages|apps)\//.test(target) : !target.startsWith(home)
    return foreign ? `leaves its package: import it by the name of its package` : undefined
  }
  if (/^@latchkey\/[^/]+\/(src|dist)\b/.test(specifier)) return 'reaches inside another package'
  if (room === undefined || !file.startsWith(`${room}/src/`)) return undefined
  const allowed = rooms[room]
  if (allowed === undefined) return `${room} has no row in scripts/check/rooms.ts`
  return allowed.some((name) => names(specifier, name)) ? undefined : `${room} may import ${allowed.join(', ')} only`
}

function manifestFaults(room: string): string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8'))
  const { dependencies = {}, peerDependencies = {} } = manifest as Record<string, Record<string, string> | undefined>
  return Object.keys({ ...dependencies, ...peerDependencies })
    .filter((name) => !(rooms[room] ?? []).includes(name))
    .map((name) => `${room}/package.json: the dependency ${name} has no word in scripts/check/rooms.ts`)
}

/** The import direction between packages: sources, tests, examples, benchmarks, scripts, and the manifests of the packages. */
export function importDirection(): Outcome {
  const files = globSync('{packages,apps}/*/{src,test}/**/*.ts', { cwd: root })
    .concat(globSync('{examples,bench,scripts}/**/*.ts', { cwd: root }))
    .map((file) => file.split(sep).join('/'))
  const faults = files.flatMap((file) =>
    importsOf(readFileSync(join(root, file), 'utf8')).flatMap(({ line, specifier }) => {
      const fault = importFault(file, specifier)
      return fault === undefined ? [] : [`${file}:${line}: '${specifier}' ${fault}`]
    }),
  )
  const manifests = globSync('{packages,apps}/*/package.json', { cwd: root }).map((file) =>
    dirname(file).split(sep).join('/'),
  )
  return faultsOutcome([...faults, ...manifests.flatMap(manifestFaults)])
}
