import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { json, loginFlags } from '../flags.ts'
import { tokenOptions } from '../fresh-token.ts'
import { jsonText } from '../json-text.ts'
import { terminalText } from '../terminal-text.ts'
import { type Known, knownClaims } from '../who/claims.ts'
import { personIn } from '../who/person.ts'

const sources: Readonly<Record<Known['source'], string>> = {
  id_token: 'the stored ID token',
  access_token: 'the stored access token, not verified',
  login: 'the stored login, which knows no more',
}

/** A person in lines. */
export function personText({ key, claims, source }: Known): string {
  const { sub, name, email, groups } = personIn(claims)
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['name', name],
    ['email', email],
    ['subject', sub],
    ['groups', groups.length === 0 ? undefined : groups.join(', ')],
    ['issuer', key.issuer],
    ['client', key.clientId],
    ['account', key.account],
    ['says', sources[source]],
  ]
  return rows.map(([title, text]) => (text === undefined ? '' : `${title.padEnd(7)}  ${terminalText(text)}\n`)).join('')
}

function personJson({ key, claims, source }: Known): object {
  const { sub, name, email, groups } = personIn(claims)
  const person = { sub: sub ?? null, name: name ?? null, email: email ?? null, groups }
  return { issuer: key.issuer, client_id: key.clientId, account: key.account ?? null, ...person, source }
}

export const whoami: Command = {
  usage: '[ISSUER|NAME]',
  operands: ['ISSUER'],
  flags: { ...loginFlags, json },
  about: `Shows whose login it is: name, e-mail, subject and groups, as far as the issuer has told. Without ISSUER: the only
login there is.`,
  examples: '  auth whoami egi',
  run: async (args, context) => {
    const known = await knownClaims(tokenOptions(args), context, 'auth whoami')
    context.io.out(args.switches.get('json') ? jsonText(personJson(known)) : personText(known))
    return exitCode.done
  },
}
