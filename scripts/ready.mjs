// Brings a bare clone (Node 20 and npm alone) to where everything runs; does nothing when nothing changed.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const stamp = 'node_modules/.latchkey-ready'
const wanted = readFileSync('pnpm-lock.yaml', 'utf8') + readFileSync('pnpm-workspace.yaml', 'utf8')
const ready = existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted

if (!ready) {
  const quiet = process.argv.includes('--quiet')
  // Output goes to stderr: `npm run -s auth` must print on stdout what the command prints, and nothing else.
  const stdio = ['ignore', quiet ? 'ignore' : 2, 2]
  const done = spawnSync('npx', ['-y', 'pnpm@12.4.2', 'install', '--frozen-lockfile'], {
    stdio,
    shell: process.platform === 'win32',
  })
  if (done.status !== 0) {
    console.error('Set-up failed: pnpm install --frozen-lockfile ended with an error (see above).')
    process.exit(1)
  }
  mkdirSync('node_modules', { recursive: true })
  writeFileSync(stamp, wanted)
}
