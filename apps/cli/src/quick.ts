import { fileStore } from '@latchkey/file-store'
import { cachedToken } from './cached-token.ts'
import type { Io } from './io.ts'
import type { Wanted } from './stored-login.ts'
import { targetOf } from './target.ts'

/**
 * `auth token` and `auth header`, with ISSUER and `--client-id ID` or without, where the token is stored: what scripts
 * call in loops, in a file that has nothing else in it. Gives what to print. `undefined`: anything else, and every
 * doubt; the whole program then takes the same words and says what is wrong.
 */
export async function quick(words: readonly string[], { env }: Io): Promise<string | undefined> {
  const [command, ...rest] = words
  if (command !== 'token' && command !== 'header') return undefined
  try {
    const wanted = plainly(rest, env)
    if (wanted === undefined) return undefined
    const found = await cachedToken(wanted, 0, fileStore({ env }), command)
    if (!('token' in found)) return undefined
    const { accessToken, tokenType } = found.token
    if (tokenType !== 'Bearer') return undefined
    return command === 'token' ? `${accessToken}\n` : `Authorization: Bearer ${accessToken}\n`
  } catch {
    return undefined
  }
}

function plainly(words: readonly string[], env: Io['env']): Wanted | undefined {
  const at = words.indexOf('--client-id')
  const clientId = at === -1 ? undefined : words[at + 1]
  const operands = at === -1 ? words : words.toSpliced(at, 2)
  const [typed] = operands
  if (operands.length > 1 || typed?.startsWith('-') || typed === '' || (at !== -1 && !clientId)) return undefined
  return clientId?.startsWith('-')
    ? undefined
    : { target: typed === undefined ? undefined : targetOf(typed, env), clientId }
}
