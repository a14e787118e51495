import { systemClock } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import type { Command, Context } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { json, loginFlags, secretFile } from '../flags.ts'
import { freshToken, tokenOptions } from '../fresh-token.ts'
import { idToken } from '../id-token.ts'
import { jsonText } from '../json-text.ts'
import { jwtText } from '../jwt/claim-words.ts'
import { decodedJwt, expiryOf, looksLikeJwt } from '../jwt/jwt.ts'
import { UsageError } from '../usage-error.ts'

/** How long a pipe may take to bring the token. */
const patienceMs = 60_000

/** The token in what was piped in: alone, or as `auth header` prints it. */
function tokenIn(text: string): string {
  return text
    .replace(/^\ufeff/, '')
    .trim()
    .replace(/^authorization:\s*/i, '')
    .replace(/^(bearer|dpop)\s+/i, '')
}

async function piped({ io }: Context): Promise<string | undefined> {
  if (await io.isTerminal(0)) return undefined
  const text = await io.readInput({ line: false, timeoutMs: patienceMs })
  if (text === undefined) throw new UsageError('No token came on stdin: auth decode < FILE, or auth decode ISSUER.')
  const token = tokenIn(text)
  return token === '' ? undefined : token
}

/** Of the login that was named, else from stdin, else of the only login there is. */
async function wantedToken(args: Arguments, context: Context): Promise<string> {
  const ofLogin = args.operands.length > 0 || args.values.size > 0 || args.switches.get('id-token') === true
  const given = ofLogin ? undefined : await piped(context)
  if (given !== undefined) return given
  const options = await tokenOptions(args, context)
  if (args.switches.get('id-token') === true) return (await idToken(options, context, 'auth decode')).text
  return (await freshToken(options, context, 'auth decode')).token.accessToken
}

export const decode: Command = {
  usage: '[ISSUER|NAME]',
  operands: ['ISSUER'],
  flags: {
    ...loginFlags,
    'id-token': { help: 'The ID token of the login, not its access token.' },
    'client-secret-file': secretFile,
    json,
  },
  about: `Shows the claims of a JWT from stdin, or of a login's token. Not verified: that it says something does not make it
true. A token is not taken from the command line, which every user of the machine can read.`,
  examples: `  auth decode cdse
  auth decode < token.txt`,
  run: async (args, context) => {
    if (args.operands.some(looksLikeJwt)) {
      const where = 'Every user of this machine can read a command line. Pipe the token in'
      throw new UsageError(`${where}: auth decode < FILE, or paste it after: cat | auth decode`)
    }
    const jwt = decodedJwt(await wantedToken(args, context))
    const now = systemClock.now()
    const end = expiryOf(jwt)
    const left = end === undefined ? {} : { expires_in: Math.floor((end - now) / 1000) }
    if (args.switches.get('json')) context.io.out(jsonText({ verified: false, ...left, ...jwt }))
    else context.io.out(jwtText(jwt, now))
    return exitCode.done
  },
}
