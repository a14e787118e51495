import type { LoginKey } from '@latchkey/core'
import type { Context } from '../command.ts'

/** How bad it is. `fail`: something does not work, or is not safe. */
export type Level = 'ok' | 'warn' | 'fail'

/** One line of the checklist. Never holds a secret. */
export interface Finding {
  readonly check: string
  readonly level: Level
  readonly text: string
  /** How to mend it. */
  readonly mend?: string | undefined
}

/** Whom a check looks at. */
export interface Patient {
  readonly context: Context
  /** The logins that are looked at. */
  readonly keys: readonly LoginKey[]
  /** Whether that is all there are: not so where the files cannot be read. */
  readonly readable: boolean
  /** Every issuer that is asked, with what it answered; asked once for all checks. */
  readonly issuers: readonly Visit[]
  /** Epoch milliseconds. */
  readonly now: number
}

/** What came of asking an issuer about itself. */
export interface Visit {
  readonly issuer: string
  /** What it says of itself, where it answered. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** Why it did not, as an `AuthError` says it. */
  readonly failure?: { readonly code: string; readonly message: string } | undefined
  /** Milliseconds by which its clock is ahead of ours. */
  readonly clockOffset?: number | undefined
  readonly tookMs: number
}

/** A check: looks, and judges by a pure function of what it saw. A new one is a file and a row of the table. */
export type Check = (patient: Patient) => Promise<readonly Finding[]>

export const ok = (check: string, text: string): Finding => ({ check, level: 'ok', text })
export const warn = (check: string, text: string, mend?: string): Finding => ({ check, level: 'warn', text, mend })
export const fail = (check: string, text: string, mend: string): Finding => ({ check, level: 'fail', text, mend })
