import type { KnownIssuer } from '@latchkey/login/issuers'
import type { Context } from '../command.ts'
import { answerTo } from '../prompt.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'
import { listed } from './listing.ts'

const mostTries = 5

/**
 * Lets a person at a terminal choose whom to log in at: by number, by name, or by any address. Gives what they could
 * have typed behind `auth login`.
 *
 * @throws UsageError when they choose nothing
 */
export async function chosenPlace(rows: readonly KnownIssuer[], { io }: Context): Promise<readonly string[]> {
  io.err(`Where do you want to log in?\n\n${listed(rows, true)}\n`)
  for (let tries = 0; tries < mostTries; tries++) {
    const answer = (await answerTo('Number, name or address: ', io))?.trim()
    if (!answer) throw new UsageError('Nothing was chosen. auth login NAME or auth login ISSUER asks nothing.')
    const row = /^\d+$/.test(answer) ? rows[Number(answer) - 1] : rows.find(({ name }) => name === answer.toLowerCase())
    if (row !== undefined) return row.issuer === undefined ? [row.name, await addressOf(row, io)] : [row.name]
    if (/[.:/]|^localhost$/.test(answer)) return [answer]
    io.err(`${terminalText(`That is no number from 1 to ${rows.length}, no name and no address.`)}\n`)
  }
  throw new UsageError('Nothing was chosen.')
}

async function addressOf({ address = 'ADDRESS' }: KnownIssuer, io: Context['io']): Promise<string> {
  const answer = (await answerTo(terminalText(`Its address, ${address}: `), io))?.trim()
  if (!answer) throw new UsageError('No address was given.')
  return answer
}
