import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { row, title } from './print.ts'

const root = join(import.meta.dirname, '..')

const installs: readonly (readonly [string, readonly string[]])[] = [
  ['a script: core, fetch, file-store', ['packages/core', 'packages/fetch', 'packages/file-store']],
  ['the CLI', ['apps/cli']],
]

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`)
  return stdout
}

function bytesIn(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** What `npm install` of the tarballs brings. */
export async function footprint(): Promise<void> {
  title('Installed from the tarballs (npm install --ignore-scripts in an empty folder)')
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  try {
    run('npm', ['run', '-s', 'build'], root)
    for (const [name, rooms] of installs) {
      const place = mkdtempSync(join(folder, 'install-'))
      for (const room of rooms) run('pnpm', ['pack', '--pack-destination', place], join(root, room))
      const tarballs = readdirSync(place).filter((file) => file.endsWith('.tgz'))
      run('npm', ['init', '-y'], place)
      run(
        'npm',
        ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs.map((file) => `./${file}`)],
        place,
      )
      const packages = run('npm', ['ls', '--all', '--parseable'], place).trim().split('\n').length - 1
      row(name, `${packages} packages, ${(bytesIn(join(place, 'node_modules')) / 1000).toFixed(0)} kB`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
