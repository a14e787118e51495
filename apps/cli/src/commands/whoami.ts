import type { LoginKey } from '@latchkey/core'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { json, loginFlags } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { storedLogin } from '../stored-login.ts'
import { terminalText } from '../terminal-text.ts'
import { wantedAt } from '../wanted.ts'
import { type Known, knownClaims } from '../who/claims.ts'
import { personIn } from '../who/person.ts'

const sources: Readonly<Record<Known['source'], string>> = {
  issuer: 'the issuer, just now',
  id_token: 'the stored ID token',
  access_token: 'the stored access token, not verified',
  login: 'the stored login, which knows no more',
}

/** A person in lines. */
export function personText({ issuer, clientId, account }: LoginKey, { claims, source }: Known): string {
  const { sub, name, email, groups } = personIn(claims)
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['name', name],
    ['email', email],
    ['subject', sub],
    ['groups', groups.length === 0 ? undefined : groups.join(', ')],
    ['issuer', issuer],
    ['client', clientId],
    ['account', account],
    ['says', sources[source]],
  ]
  return rows.map(([title, text]) => (text === undefined ? '' : `${title.padEnd(7)}  ${terminalText(text)}\n`)).join('')
}

function personJson({ issuer, clientId, account }: LoginKey, { claims, source }: Known): object {
  const { sub, name, email, groups } = personIn(claims)
  const person = { sub: sub ?? null, name: name ?? null, email: email ?? null, groups }
  return { issuer, client_id: clientId, account: account ?? null, ...person, source }
}

export const whoami: Command = {
  usage: '[ISSUER|NAME]',
  operands: ['ISSUER'],
  flags: { ...loginFlags, stored: { help: 'Ask nobody: what is stored has to do.' }, json },
  about: `Shows whose login it is: name, e-mail, subject and groups, as the issuer says now (userinfo), or as it is stored
where the issuer says nothing. Without ISSUER: the only login there is.`,
  examples: '  auth whoami egi',
  run: async (args, context) => {
    const wanted = await wantedAt(args, context)
    const key = await storedLogin(wanted, context.store(), 'auth whoami')
    const ask = args.switches.get('stored') !== true
    const known = await knownClaims(key, { ask, wanted }, context)
    if (known.reason !== undefined) context.io.err(`auth: From what is stored. ${terminalText(known.reason.message)}\n`)
    context.io.out(args.switches.get('json') ? jsonText(personJson(key, known)) : personText(key, known))
    return exitCode.done
  },
}
