import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileStore } from '@latchkey/file-store'
import { describe, expect, test } from 'vitest'
import { key, login, ownFile, pythonWrites, tokensIn } from './support/example.ts'
import { nobody, runNode } from './support/run-node.ts'
import { temporaryDirectory } from './support/temporary-directory.ts'

const hasStrace = spawnSync('strace', ['-f', '-e', 'inject=getpid:error=EPERM', 'true']).status === 0
const hasTmpfs =
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt']).status === 0
const full = process.env['LATCHKEY_SCALE'] === 'full'
const other = { ...key, clientId: 'other' }

/** A store with the login rt-1 and another one. */
async function prepared(): Promise<string> {
  const path = temporaryDirectory()
  const store = fileStore({ path })
  await store.update(key, async () => login('rt-1'))
  await store.update(other, async () => login('rt-other'))
  return path
}

/** What the next process finds: rt-1 or rt-2 whole, the other login untouched, and it can go on. */
async function found(path: string): Promise<string> {
  const store = fileStore({ path })
  const file = JSON.stringify(tokensIn(join(path, 'refresh-tokens.json')))
  expect([1, 2].map((now) => `{"${key.issuer}":{"a-script":"rt-${now}","other":"rt-other"}}`)).toContain(file)
  const stored = await store.get(key)
  const answer = stored?.unfinished?.answer
  const known =
    answer === undefined ? stored?.refreshToken : (JSON.parse(answer) as { refresh_token: string }).refresh_token
  await store.update(key, async () => login('rt-3'))
  expect((await store.get(key))?.refreshToken).toBe('rt-3')
  expect(readdirSync(join(path, 'latchkey')).filter((name) => name.endsWith('.tmp'))).toEqual([])
  return known ?? 'none'
}

/** The system calls that a rotation makes on our files, in the order in which strace saw them. */
function callsOf(path: string): readonly string[] {
  const log = join(path, '..', `${path.split('/').pop()}.strace`)
  const script = new URL('./programs/one-update.ts', import.meta.url).pathname
  const calls = 'openat,write,pwrite64,fsync,fdatasync,rename,unlink,fchmod,close'
  spawnSync('strace', ['-f', '-y', '-e', `trace=${calls}`, '-o', log, process.execPath, script, path])
  const lines = readFileSync(log, 'utf8').split('\n')
  spawnSync('rm', [log])
  return lines.filter((line) => line.includes(path))
}

describe.skipIf(!hasStrace)('a rotation that is killed at any of its system calls', () => {
  const writing = ['fchmod', 'pwrite64', 'write', 'fsync', 'fdatasync', 'rename']
  const steps = full ? ['openat', ...writing, 'close'] : writing
  test('makes the calls that are listed here', async () => {
    const path = await prepared()
    const names = new Set(callsOf(path).map((line) => /^\d+ +(\w+)\(/.exec(line)?.[1]))
    expect([...names]).toEqual(expect.arrayContaining(steps))
  })
  test.for(steps)('leaves the old or the new token, never a third thing: %s', async (call) => {
    const original = await prepared()
    let killed = 0
    for (let when = 1; when <= 20; when++) {
      const path = join(temporaryDirectory(), 'copy')
      cpSync(original, path, { recursive: true, mode: 0, preserveTimestamps: true })
      const trace = [
        'strace',
        '-f',
        '-o',
        '/dev/null',
        '-e',
        `trace=${call}`,
        '-e',
        `inject=${call}:signal=SIGKILL:when=${when}`,
      ]
      for (const watched of watchedFiles(path)) trace.push('-P', watched)
      const { signal, stdout } = await runNode('one-update', [path], { under: trace })
      if (signal === null && stdout.includes('stored')) break
      expect(['rt-1', 'rt-2']).toContain(await found(path))
      killed++
    }
    expect(killed).toBeGreaterThan(0)
  })
})

/** Every file that a rotation may touch, ours and the shared one. */
function watchedFiles(path: string): readonly string[] {
  const own = ownFileOf(path)
  const directory = join(path, 'latchkey')
  return [
    path,
    join(path, 'refresh-tokens.json'),
    join(directory, 'file.lock.tmp'),
    ...['.json', '.json.tmp', '.answer'].map((ending) => own + ending),
  ]
}

function ownFileOf(path: string): string {
  const directory = join(path, 'latchkey')
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'))
  const found = names.find((name) => readFileSync(join(directory, name), 'utf8').includes('"a-script"')) ?? ''
  return join(directory, found.replace('.json', ''))
}

describe.skipIf(!hasStrace)('a system call that fails', () => {
  test.for([
    ['rename', 'EIO', 'STORE_WRITE'],
    ['rename', 'EBUSY', 'STORE_WRITE'],
    ['fsync', 'EIO', 'STORE_WRITE'],
    ['fsync', 'EDQUOT', 'STORE_WRITE'],
    ['write', 'ENOSPC', 'STORE_WRITE'],
    ['rename', 'EACCES', 'STORE_PERMISSIONS'],
  ] as const)('%s with %s is %s, and the old content is whole', async ([call, errno, code]) => {
    const path = await prepared()
    const watched = [path, ...watchedFiles(path)].flatMap((file) => ['-P', file])
    const trace = [
      'strace',
      '-f',
      '-o',
      '/dev/null',
      '-e',
      `trace=${call}`,
      '-e',
      `inject=${call}:error=${errno}`,
      ...watched,
    ]
    const { stdout } = await runNode('one-update', [path, 'plain'], { under: trace })
    expect(stdout).toContain(`${code}: Could not write ${path}`)
    expect(tokensIn(join(path, 'refresh-tokens.json'))[key.issuer]?.['a-script']).toBe('rt-1')
    expect(await found(path)).toBe('rt-1')
  })
})

describe.skipIf(!hasTmpfs)('a full disk', () => {
  const script = new URL('./programs/one-update.ts', import.meta.url).pathname
  /** Runs a shell script with a tiny disk at /mnt; `$update` is one rotation of what is stored there. */
  const onTinyDisk = (size: string, body: string): string => {
    const prelude = `set -e; mount -t tmpfs -o ${size} tmpfs /mnt; update="${process.execPath} ${script} /mnt"`
    const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', `${prelude}\n${body}`])
    return stdout.toString() + stderr.toString()
  }
  test('is noticed before the refresh token is spent', () => {
    const said = onTinyDisk(
      'size=96k',
      '$update plain; cat /dev/zero > /mnt/fill 2>/dev/null || true; $update; cat /mnt/refresh-tokens.json',
    )
    expect(said).toMatch(/^stored\nSTORE_WRITE: Could not write \/mnt\/latchkey\/\w+\.answer: the disk is full/)
    expect(said).not.toContain('spent')
    expect(said).toContain('"refresh_token": "rt-2"')
  })
  test('that fills up after the token was spent does not lose the answer', () => {
    const fill = 'cat /dev/zero > /mnt/fill 2>/dev/null || true'
    // The answer file is there from the rotation before, so nothing more is needed to keep the answer.
    const updates = `$update plain rt-1; $update rotate rt-2; ${fill}; $update rotate rt-3`
    const said = onTinyDisk(
      'size=160k',
      `${updates}; cat /mnt/latchkey/*.answer | tr -s " "; cat /mnt/refresh-tokens.json`,
    )
    expect(said).toContain('spent\nSTORE_WRITE: Could not write /mnt')
    expect(said).toContain('"answer":"{\\"refresh_token\\":\\"rt-3\\"}"')
    expect(said).toContain('"refresh_token": "rt-2"')
  })
  test('without inodes is the same', () => {
    const said = onTinyDisk('size=1m,nr_inodes=3', '$update plain || true; ls /mnt')
    expect(said).toMatch(/^STORE_WRITE: .*\/mnt\/latchkey/)
    expect(said).not.toContain('refresh-tokens.json')
  })
  test('that is read-only is read, and refused before anything is spent', () => {
    const said = onTinyDisk('size=1m', '$update plain; mount -o remount,ro /mnt; $update; cat /mnt/refresh-tokens.json')
    expect(said).toMatch(/^stored\nSTORE_PERMISSIONS: /)
    expect(said).not.toContain('spent')
  })
})

describe.skipIf(!hasStrace)('our own file that cannot be written', () => {
  test.for([
    ['rotate', 'spent\nstored', 'rt-2'],
    ['plain', 'stored', 'rt-2'],
  ] as const)('costs an extra refresh and nothing else: %s', async ([how, says, stands]) => {
    const path = await prepared()
    const watched = ['-P', `${ownFileOf(path)}.json.tmp`]
    const trace = ['strace', '-f', '-o', '/dev/null', '-e', 'trace=rename', '-e', 'inject=rename:error=EIO', ...watched]
    const { stdout } = await runNode('one-update', [path, how], { under: trace })
    expect(stdout.trim()).toBe(says)
    expect(await found(path)).toBe(stands)
  })
})

describe('a directory that we may not write', () => {
  test('is read; a rotation is refused before the token is spent', async () => {
    const path = temporaryDirectory()
    const file = join(path, 'refresh-tokens.json')
    pythonWrites(file, { [key.issuer]: { 'a-script': 'rt-1' } })
    mkdirSync(join(path, 'latchkey'), { mode: 0o700 })
    for (const each of [file, join(path, 'latchkey')]) if (process.getuid?.() === 0) chownSync(each, nobody, nobody)
    chmodSync(path, 0o555)
    const rotation = await runNode('one-update', [path], { unprivileged: true })
    expect(rotation.stdout).toMatch(/^STORE_PERMISSIONS: Could not write .*refresh-tokens\.json: permission was denied/)
    const reading = await runNode('read-login', [path], { unprivileged: true })
    expect(reading.stdout.trim()).toBe('rt-1')
    expect(existsSync(join(path, 'latchkey', 'file.lock.tmp'))).toBe(false)
  })
  test('nor make our own directory in', async () => {
    const path = temporaryDirectory()
    writeFileSync(join(path, 'refresh-tokens.json'), '{}', { mode: 0o600 })
    if (process.getuid?.() === 0) chownSync(join(path, 'refresh-tokens.json'), nobody, nobody)
    chmodSync(path, 0o555)
    const { stdout } = await runNode('one-update', [path, 'plain'], { unprivileged: true })
    expect(stdout).toMatch(/^STORE_PERMISSIONS: Could not write .*latchkey: permission was denied/)
  })
})

test('a lock left behind by root is said to be one, and reading goes on', async () => {
  const path = await prepared()
  chmodSync(path, 0o755)
  chmodSync(join(path, 'latchkey'), 0o755)
  const locks = readdirSync(join(path, 'latchkey')).filter((name) => name.endsWith('.lock'))
  for (const name of locks) chmodSync(join(path, 'latchkey', name), 0o444)
  const own = [join(path, 'refresh-tokens.json'), `${ownFileOf(path)}.json`]
  for (const file of own) if (process.getuid?.() === 0) chownSync(file, nobody, nobody)
  const { stdout } = await runNode('one-update', [path], { unprivileged: true })
  expect(stdout).toMatch(/^STORE_PERMISSIONS: The lock file .*\.lock belongs to user \d+ or is read-only/)
  expect((await runNode('read-login', [path], { unprivileged: true })).stdout.trim()).toBe('rt-1')
  expect(() => ownFile(path, '.answer')).toThrow()
})
