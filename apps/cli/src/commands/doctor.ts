import { isAuthError, systemClock } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import type { Command, Context } from '../command.ts'
import { checks } from '../doctor/checks.ts'
import type { Finding, Patient } from '../doctor/finding.ts'
import { visit } from '../doctor/visit.ts'
import { exitCode } from '../exit-code.ts'
import { json } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { allLogins } from '../stored-login.ts'
import { canonicalIssuer, isSameIssuer, type Target } from '../target.ts'
import { terminalText } from '../terminal-text.ts'
import { wantedLogin } from '../wanted.ts'

const words = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const

/** The checklist for a person. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const indent = ' '.repeat(width + 8)
  return findings
    .map(({ check, level, text, mend }) => {
      const how = mend === undefined ? '' : `${indent}mend: ${terminalText(mend)}\n`
      return `${words[level]}  ${check.padEnd(width)}  ${terminalText(text)}\n${how}`
    })
    .join('')
}

/** Files that cannot be read have a check of their own: the others go on without logins. */
async function loginsOf(target: Target | undefined, context: Context): Promise<Pick<Patient, 'keys' | 'readable'>> {
  try {
    const all = await allLogins(context.store())
    const keys = target === undefined ? all : all.filter((key) => isSameIssuer(key.issuer, target))
    return { keys, readable: true }
  } catch (error) {
    if (isAuthError(error)) return { keys: [], readable: false }
    throw error
  }
}

async function patientOf(args: Arguments, context: Context): Promise<Patient> {
  const { target } = wantedLogin(args, context.io)
  const logins = await loginsOf(target, context)
  const stored = logins.keys.map(({ issuer }) => issuer)
  const asked = stored.length === 0 && target !== undefined ? [target.issuer] : stored
  const signal = context.io.interruption()
  const visits = [...new Set(asked.map(canonicalIssuer))].map((issuer) => visit(issuer, signal, context.fetch))
  return { context, ...logins, issuers: await Promise.all(visits), now: systemClock.now() }
}

export const doctor: Command = {
  usage: '[ISSUER|NAME]',
  operands: ['ISSUER'],
  flags: { json },
  about: `Looks at the files, their locks, the clock, the network, each issuer and each login, and says what is wrong and how
to mend it. Changes nothing and shows no secret. Exit code 1 when something fails. Without ISSUER: every login there is.`,
  examples: `  auth doctor
  auth doctor apex     before the first login`,
  run: async (args, context) => {
    const patient = await patientOf(args, context)
    const findings: Finding[] = []
    for (const check of checks) findings.push(...(await check(patient)))
    context.io.out(args.switches.get('json') ? jsonText(findings) : findingsText(findings))
    return findings.some(({ level }) => level === 'fail') ? exitCode.failed : exitCode.done
  },
}
