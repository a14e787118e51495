import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loginKey } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'
import { row, title } from './print.ts'

const rounds = 40
const bin = join(import.meta.dirname, '../apps/cli/dist/bin.cjs')

function milliseconds(args: readonly string[], env: NodeJS.ProcessEnv): number {
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const took = performance.now() - start
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${String(stderr)}`)
  return took
}

/** `auth token` with a token in the file, against `node -e 0`. */
export async function startUp(): Promise<void> {
  title('CLI start (wall ms, minimum of interleaved runs)')
  if (!existsSync(bin)) {
    const built = spawnSync('npm', ['run', '-s', 'build'], {
      cwd: join(import.meta.dirname, '..'),
      stdio: ['ignore', 2, 2],
    })
    if (built.status !== 0) throw new Error('The CLI could not be built: npm run build')
  }
  const home = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  try {
    const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: home, OPENEO_CONFIG_HOME: home }
    const key = loginKey({ issuer: 'https://iam.example.org', clientId: 'script' })
    const now = Date.now()
    const token = { accessToken: 'at', tokenType: 'Bearer', receivedAt: now, expiresAt: now + 3_600_000, order: 0 }
    await fileStore({ path: home }).update(key, async () => ({ refreshToken: 'rt', tokens: { '': token } }))
    const bare: number[] = []
    const cli: number[] = []
    for (let round = 0; round < rounds; round++) {
      bare.push(milliseconds(['-e', '0'], env))
      cli.push(milliseconds([bin, 'token', key.issuer], env))
    }
    const [floor, ours] = [Math.min(...bare), Math.min(...cli)]
    row('node -e 0', `${floor.toFixed(1)} ms`)
    row('auth token, cached', `${ours.toFixed(1)} ms`)
    const more = ours - floor
    row('more than bare node', `${more.toFixed(1)} ms`, { text: '≤ 3 ms', met: more <= 3 })
  } finally {
    rmSync(home, { recursive: true })
  }
}
