import { accessSync, constants, lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isAuthError } from '@latchkey/core'
import { authConfigFile, readDocument, refreshTokensFile, type SharedFile } from '@latchkey/file-store'
import { quoted } from '../quoted.ts'
import { type Check, type Finding, fail, ok, warn } from './finding.ts'

/** What is there at a path. */
export interface Seen {
  readonly path: string
  readonly exists: boolean
  /** Permission bits. */
  readonly mode: number
  readonly owner: number
  readonly link: boolean
  readonly writable: boolean
  /** Why its content cannot be used. */
  readonly fault?: string | undefined
}

function seen(path: string): Seen {
  const stat = statSync(path, { throwIfNoEntry: false })
  const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  const none = { path, exists: false, mode: 0, owner: -1, link, writable: false }
  if (stat === undefined) return none
  return { ...none, exists: true, mode: stat.mode & 0o777, owner: stat.uid, writable: isWritable(path) }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function seenFile(path: string): Promise<Seen> {
  try {
    const found = seen(path)
    if (found.exists) await readDocument(path)
    return found
  } catch (error) {
    if (!isAuthError(error)) throw error
    const found = seenOrNothing(path)
    return { ...found, exists: true, fault: error.message }
  }
}

function seenOrNothing(path: string): Seen {
  try {
    return seen(path)
  } catch {
    return { path, exists: true, mode: 0, owner: -1, link: false, writable: false }
  }
}

/** A file that the openEO client shares. */
export function fileFinding({ path, exists, mode, link, fault }: Seen): Finding {
  if (fault !== undefined) return fail('files', fault.replace(/ Run: .*$/, ''), mendOf(path, fault))
  if (!exists)
    return link
      ? fail('files', `${path} is a link to nothing.`, `rm ${quoted(path)}`)
      : ok('files', `${path}: none yet`)
  return ok('files', `${path}: mode ${mode.toString(8)}${link ? ', by a symbolic link' : ''}`)
}

/** The message says how to mend what it is about; where the content is broken only a person can tell what is lost. */
function mendOf(path: string, fault: string): string {
  const command = /Run: (.*)$/.exec(fault)?.[1]
  return command ?? `mv ${quoted(path)} ${quoted(`${path}.broken`)}, then log in again`
}

/** A directory that tokens live in. */
export function directoryFinding(directory: Seen, user: number | undefined): Finding | undefined {
  const { path, exists, mode, owner, writable } = directory
  if (!exists) return undefined
  if (user !== undefined && owner !== user) {
    return fail(
      'files',
      `${path} belongs to user ${owner}, who can replace what is in it.`,
      `sudo chown "$(id -u)" ${quoted(path)}`,
    )
  }
  if ((mode & 0o022) !== 0) {
    return fail(
      'files',
      `${path}: others may replace what is in it (mode ${mode.toString(8)}).`,
      `chmod go-w ${quoted(path)}`,
    )
  }
  if (writable) return undefined
  const text = `${path} cannot be written: stored tokens work until they end, and none can be renewed.`
  return fail('files', text, 'mount it writable, or set OPENEO_CONFIG_HOME to a directory that is')
}

/** What a process that was killed while it wrote has left. The next write of the same file takes it away. */
export function leftovers(names: readonly string[], directory: string): Finding | undefined {
  const left = names.filter((name) => name.endsWith('.tmp'))
  if (left.length === 0) return undefined
  const paths = left.map((name) => quoted(join(directory, name)))
  return warn(
    'files',
    `A process was killed while it wrote: ${left.join(', ')} in ${directory}.`,
    `rm ${paths.join(' ')}`,
  )
}

/** Where a shared file is; a link to nothing has no place. */
function placeOf(find: () => SharedFile): { readonly path: string } | { readonly finding: Finding } {
  try {
    return { path: find().path }
  } catch (error) {
    if (!isAuthError(error)) throw error
    return { finding: fail('files', error.message, 'see the message, then run auth doctor again') }
  }
}

export const filesCheck: Check = async ({ context }) => {
  const { env } = context.io
  const places = [() => authConfigFile({ env }), () => refreshTokensFile({ env })].map(placeOf)
  const nowhere = places.flatMap((place) => ('finding' in place ? [place.finding] : []))
  const paths = places.flatMap((place) => ('path' in place ? [place.path] : []))
  const files = await Promise.all(paths.map(seenFile))
  const shared = [...new Set(paths.map((path) => dirname(path)))]
  const directories = [...shared, ...shared.map((path) => join(path, 'latchkey'))]
  const user = process.platform === 'win32' ? undefined : process.getuid?.()
  const left = directories.map((path) => leftovers(namesIn(path), path))
  const found = [...files.map(fileFinding), ...directories.map((path) => directoryFinding(seen(path), user)), ...left]
  return [...nowhere, ...found.filter((finding) => finding !== undefined)]
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
