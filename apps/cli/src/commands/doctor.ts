import { isAuthError, type LoginKey, systemClock } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import type { Command, Context } from '../command.ts'
import { checks } from '../doctor/checks.ts'
import type { Finding, Patient } from '../doctor/finding.ts'
import { visit } from '../doctor/visit.ts'
import { exitCode } from '../exit-code.ts'
import { json } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { allLogins } from '../stored-login.ts'
import { canonicalIssuer, isSameIssuer } from '../target.ts'
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
async function loginsOf(args: Arguments, context: Context): Promise<readonly LoginKey[]> {
  const { target } = wantedLogin(args)
  try {
    const all = await allLogins(context.store())
    return target === undefined ? all : all.filter((key) => isSameIssuer(key.issuer, target))
  } catch (error) {
    if (isAuthError(error)) return []
    throw error
  }
}

async function patientOf(args: Arguments, context: Context): Promise<Patient> {
  const { target } = wantedLogin(args)
  const keys = await loginsOf(args, context)
  const addresses = [
    ...keys.map(({ issuer }) => issuer),
    ...(target !== undefined && keys.length === 0 ? [target.issuer] : []),
  ]
  const issuers = [...new Set(addresses.map(canonicalIssuer))]
  const signal = context.io.interruption()
  return {
    context,
    keys,
    issuers: await Promise.all(issuers.map((issuer) => visit(issuer, signal))),
    now: systemClock.now(),
  }
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
