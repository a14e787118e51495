import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { command, faultsOutcome, type Outcome, root } from './command.ts'

/** A public package as it would be published. */
export interface Tarball {
  readonly name: string
  readonly path: string
  readonly files: readonly string[]
  /** Whether it can be imported; the command-line tool cannot. */
  readonly library: boolean
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: unknown
}

function publicPackages(): { readonly folder: string; readonly manifest: Manifest }[] {
  return globSync('{packages,apps}/*/package.json', { cwd: root })
    .map((file) => ({
      folder: join(root, dirname(file)),
      manifest: JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest,
    }))
    .filter(({ manifest }) => manifest.private !== true)
    .toSorted((one, other) => one.folder.localeCompare(other.folder))
}

/** Packs every public package with pnpm into `folder`. The packages must be built. Throws what pnpm said when one cannot be packed. */
export async function pack(folder: string): Promise<Tarball[]> {
  const tarballs: Tarball[] = []
  for (const { folder: cwd, manifest } of publicPackages()) {
    const packed = await command('pnpm', ['pack', '--json', '--pack-destination', folder], { cwd })
    if (!packed.ok) throw new Error(`pnpm pack of ${manifest.name}: ${packed.output}`)
    const answer: unknown = JSON.parse(packed.output.slice(packed.output.indexOf('{')))
    const { filename, files } = answer as { filename: string; files: { path: string }[] }
    tarballs.push({
      name: manifest.name,
      path: join(folder, basename(filename)),
      files: files.map(({ path }) => path),
      library: manifest.exports !== undefined,
    })
  }
  return tarballs
}

// What a reader of the package needs to judge it, and nothing that only we need.
function contentFaults({ name, files }: Tarball): string[] {
  const sources = new Set(files.filter((file) => file.startsWith('src/')))
  const missing = ['LICENSE', 'README.md', 'package.json'].filter((file) => !files.includes(file))
  const strange = files.filter((file) => !/^(dist|src)\/|^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(file))
  const stale = files.filter((file) => {
    const source = /^dist\/(.*)\.d\.ts$/.exec(file)?.[1]
    return source !== undefined && !sources.has(`src/${source}.ts`)
  })
  return [
    ...missing.map((file) => `${name}: ${file} is not in the tarball`),
    ...strange.map((file) => `${name}: ${file} does not belong into the tarball`),
    ...stale.map((file) => `${name}: ${file} has no source any more: delete dist and build again`),
  ]
}

async function toolFaults({ name, path, library }: Tarball): Promise<string[]> {
  const publint = await command('publint', ['run', path, '--strict'])
  const publintFault = publint.ok ? [] : [`${name}: publint --strict\n${publint.output}`]
  if (!library) return publintFault
  const attw = await command('attw', [path, '--profile', 'esm-only', '--no-emoji', '--no-color', '--format', 'ascii'])
  return attw.ok ? publintFault : [...publintFault, `${name}: attw --profile esm-only\n${attw.output}`]
}

/** publint, attw and the list of files, on every public package as packed. */
export async function tarballs(): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-pack-'))
  try {
    const faults: string[] = []
    for (const tarball of await pack(folder)) faults.push(...contentFaults(tarball), ...(await toolFaults(tarball)))
    return faultsOutcome(faults)
  } catch (error) {
    return { ok: false, output: `${String(error)}\n` }
  } finally {
    await rm(folder, { recursive: true })
  }
}
