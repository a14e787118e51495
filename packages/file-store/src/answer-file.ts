import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync } from 'node:fs'
import { look } from './private-file.ts'
import { writeError } from './store-error.ts'
import { syncData, syncFile, writeWhole } from './temporary-file.ts'

/** The one renewal of a login that was last begun, and its answer if it came. */
export interface AnswerFile {
  readonly id: string
  /** When the refresh token was sent; epoch milliseconds. */
  readonly at: number
  /** SHA-256 of the refresh token that was sent. */
  readonly spent: string
  readonly variant: string
  /** The raw answer, once it came whole. */
  readonly answer?: string | undefined
}

/** The refresh token that an answer of the issuer brought (RFC 6749 section 5.1). */
export function refreshTokenIn(answer: string | undefined): string | undefined {
  try {
    const { refresh_token: brought } = JSON.parse(answer ?? '') as { refresh_token?: unknown }
    return typeof brought === 'string' ? brought : undefined
  } catch {
    return undefined
  }
}

/** An answer file that stands ready. */
export interface ReservedAnswer {
  /** Resolves when the bytes are safe. */
  write(answer: string): Promise<void>
  close(): void
}

// Room for an answer with three large tokens. A longer one extends the file.
const reserved = 16 * 1024

function parseAnswerFile(text: string): AnswerFile | undefined {
  const line = text.indexOf('\n')
  try {
    const { id, at, spent, variant } = JSON.parse(text.slice(0, line)) as AnswerFile
    return { id, at, spent, variant, answer: answerIn(text.slice(line + 1), id) }
  } catch {
    return undefined
  }
}

/** Blanks, half an answer, or one of an earlier renewal are no answer. */
function answerIn(text: string, id: string): string | undefined {
  try {
    const written = JSON.parse(text) as { id?: unknown; answer?: unknown }
    return written.id === id && typeof written.answer === 'string' ? written.answer : undefined
  } catch {
    return undefined
  }
}

/** What the file holds; `undefined` when there is none, or nothing to be made of it. */
export function readAnswerFile(path: string): AnswerFile | undefined {
  const seen = look(path, parseAnswerFile)
  return seen.state === 'read' ? seen.file.value : undefined
}

/**
 * Prepares the file so that storing the answer can no longer fail for space or permission: header, then blanks, synced.
 *
 * @throws `STORE_WRITE`, `STORE_PERMISSIONS`
 */
export async function reserveAnswer(path: string, header: Omit<AnswerFile, 'answer'>): Promise<ReservedAnswer> {
  const { id, at, spent, variant } = header
  const head = Buffer.from(`${JSON.stringify({ id, at, spent, variant })}\n`)
  const size = head.length + reserved
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600)
    fchmodSync(descriptor, 0o600)
    writeWhole(descriptor, Buffer.concat([head, Buffer.alloc(reserved, ' ')]), 0)
    if (fstatSync(descriptor).size > size) ftruncateSync(descriptor, size)
    await syncFile(descriptor)
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor)
    throw writeError(path, error)
  }
  return writerOf(path, descriptor, head.length, id)
}

function writerOf(path: string, descriptor: number, position: number, id: string): ReservedAnswer {
  return {
    async write(answer) {
      try {
        writeWhole(descriptor, Buffer.from(JSON.stringify({ id, answer })), position)
        await syncData(descriptor)
      } catch (error) {
        throw writeError(path, error)
      }
    },
    close: () => closeSync(descriptor),
  }
}
