import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { row, title } from './print.ts'
import { server } from './servers.ts'

const size = 1024

/** MiB at the peak that an upload adds to its process. */
async function peak(client: string, kind: 'bare' | 'ours', origin: string, path: string): Promise<number> {
  const program = fileURLToPath(import.meta.resolve('./upload.ts'))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    program,
    client,
    kind,
    origin,
    path,
    String(size),
  ])
  const { status, mebibytes } = JSON.parse(stdout) as { status: number; mebibytes: number }
  if (status !== 200) throw new Error(`${client} ${kind}: ${status}`)
  return mebibytes
}

/** What a streamed upload of 1 GiB holds in memory. */
export async function memory(): Promise<void> {
  title(`Peak memory of a streamed upload of ${size} MiB (MiB more than before; a process each)`)
  const { origin, stop } = await server()
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const path = join(directory, 'upload')
  // Holes: it takes no place on the disk.
  writeFileSync(path, '')
  truncateSync(path, size * 1_048_576)
  try {
    for (const client of ['undici', 'got', 'axios', 'fetch']) {
      const bare = await peak(client, 'bare', origin, path)
      const ours = await peak(client, 'ours', origin, path)
      row(`${client} with a hand-written header`, bare.toFixed(0))
      // Collectors of garbage are not punctual: a tenth either way says nothing.
      const goal =
        client === 'fetch' ? { text: 'no more than bare', met: ours <= bare * 1.1 } : { text: '< 64', met: ours < 64 }
      row(`${client} through withAuth(bearer(…))`, ours.toFixed(0), goal)
    }
  } finally {
    stop()
    rmSync(directory, { recursive: true })
  }
}
