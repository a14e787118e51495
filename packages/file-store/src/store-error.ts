import { AuthError } from '@latchkey/core'

const refused = new Set(['EACCES', 'EPERM', 'EROFS'])

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}

/** Whether a system call failed with this code. */
export function failedWith(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(codeOf(error))
}

// Node knows no name for EDQUOT.
function reason(error: unknown): string {
  const { code, errno } = error as { code?: unknown; errno?: unknown }
  if (errno === -122) return 'the disk quota is used up'
  if (code === 'ENOSPC') return 'the disk is full'
  if (code === 'EROFS') return 'the file system is read-only'
  if (code === 'EACCES' || code === 'EPERM') return 'permission was denied'
  if (code === 'EBUSY') return 'the file is mounted by itself or in use; mount its directory instead'
  return `the system answered ${codeOf(error) || 'with an unknown error'}`
}

/** `STORE_WRITE`, or `STORE_PERMISSIONS` where the system forbade it: what could not be written and why. */
export function writeError(path: string, error: unknown): AuthError {
  const code = refused.has(codeOf(error)) ? 'STORE_PERMISSIONS' : 'STORE_WRITE'
  const advice = code === 'STORE_WRITE' ? 'What was there is untouched.' : 'Check who owns it and its mode.'
  return new AuthError(code, `Could not write ${path}: ${reason(error)}. ${advice}`, { cause: error })
}

/** The same for reading: `STORE_PERMISSIONS` or `STORE_UNREADABLE`. */
export function readError(path: string, error: unknown): AuthError {
  const code = refused.has(codeOf(error)) ? 'STORE_PERMISSIONS' : 'STORE_UNREADABLE'
  return new AuthError(code, `Could not read ${path}: ${reason(error)}.`, { cause: error })
}

/** `STORE_UNREADABLE`: the file was read and is not what it should be. It is never overwritten. */
export function unreadable(path: string, why: string): AuthError {
  return new AuthError(
    'STORE_UNREADABLE',
    `Could not understand ${path}: ${why}. It was left as it is: repair it, or move it away and log in again.`,
  )
}
