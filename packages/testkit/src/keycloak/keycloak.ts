import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { administrator } from './admin.ts'
import { importRealm, type KeycloakRealm, keycloakRealm } from './keycloak-realm.ts'
import { phones } from './phones.ts'

/** How Keycloak is started. */
export interface KeycloakOptions {
  /** The unpacked distribution. Its first start also builds it, which takes twice as long. */
  readonly home: string
  /** Most of the heap in MiB; default 512. */
  readonly heap?: number | undefined
  /** Longest wait for it in ms; default 180,000. */
  readonly timeoutMs?: number | undefined
}

/** A Keycloak of our own. */
export interface Keycloak extends KeycloakRealm {
  close(): Promise<void>
}

/** Between asking it to end and ending it. */
const graceMs = 10_000
/** Lines of its log that an error repeats. */
const shownLines = 15

/** The program with everything in memory, on a loopback port of the kernel's choice. */
function started({ home, heap = 512 }: KeycloakOptions, phone: string): ChildProcess {
  const { JAVA_OPTS: _, ...inherited } = process.env
  const settings = ['--db=dev-mem', '--cache=local', '--hostname-strict=false', '--log-level=WARN,io.quarkus:INFO']
  const place = ['--http-enabled=true', '--http-host=127.0.0.1', '--http-port=0']
  const channel = `--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri=${phone}/`
  return spawn(join(home, 'bin', 'kc.sh'), ['start', ...settings, ...place, channel], {
    // A group of its own: the script, and the JVMs that it starts.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...inherited,
      KC_BOOTSTRAP_ADMIN_USERNAME: administrator.username,
      KC_BOOTSTRAP_ADMIN_PASSWORD: administrator.password,
      JAVA_OPTS_KC_HEAP: `-Xms64m -Xmx${heap}m`,
      // It lives for minutes: what the second compiler would win comes too late.
      JAVA_OPTS_APPEND: '-XX:TieredStopAtLevel=1',
    },
  })
}

/** A real Keycloak with the realm of `realm.ts`. Prints nothing. */
export async function keycloak(options: KeycloakOptions): Promise<Keycloak> {
  const rung = await phones()
  const child = started(options, rung.origin)
  const killed = (): void => signalled(child, 'SIGKILL')
  process.once('exit', killed)
  const close = async (): Promise<void> => {
    await ended(child)
    await rung.close()
    process.off('exit', killed)
  }
  try {
    const origin = await listening(child, options.timeoutMs ?? 180_000)
    return { ...keycloakRealm(await importRealm(origin, true)), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Where it listens, as it says itself once it is ready. */
function listening(child: ChildProcess, timeoutMs: number): Promise<string> {
  const log: string[] = []
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      reject(new Error(`Keycloak ${why}:\n${log.slice(-shownLines).join('\n')}`))
    }
    const timer = setTimeout(() => fail(`was not ready after ${timeoutMs / 1000} s`), timeoutMs)
    const read = (line: string): void => {
      log.push(line)
      const origin = /Listening on: (http:\/\/[\d.]+:\d+)/.exec(line)?.[1]
      if (origin === undefined) return
      clearTimeout(timer)
      resolve(origin)
    }
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) createInterface(stream).on('line', read)
    child.once('error', (error) => fail(`did not start (${error.message})`))
    child.once('exit', (code) => {
      clearTimeout(timer)
      fail(`ended with ${code}`)
    })
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  const timer = setTimeout(() => signalled(child, 'SIGKILL'), graceMs)
  signalled(child, 'SIGTERM')
  await gone
  clearTimeout(timer)
}

/** To the whole group. */
function signalled({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended by itself.
  }
}
