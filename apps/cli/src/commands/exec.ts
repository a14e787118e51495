import { AuthError, systemClock, type Token, type TokenRequest, type TokenSource } from '@latchkey/core'
import type { Command, Context } from '../command.ts'
import { secondsOption } from '../duration.ts'
import { child, type Relay, relay } from '../exec/child.ts'
import { keepFresh } from '../exec/freshening.ts'
import { type TokenPlace, tokenPlace } from '../exec/token-place.ts'
import { loginFlags, secretFileOnly } from '../flags.ts'
import { loginSession, sourceOf } from '../login-session.ts'
import { narrowed, narrowFlags } from '../narrowing.ts'
import { storedLogin, type Wanted } from '../stored-login.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'
import { wantedAt } from '../wanted.ts'

/** How long the end waits for a refresh token that is being stored. */
const lastWaitMs = 5_000

/** The environment of the command, by WLCG bearer token discovery: the variable wins over the file. */
function environment(
  env: Context['io']['env'],
  token: Token,
  file: string,
  fileOnly: boolean,
): Readonly<Record<string, string | undefined>> {
  // A command that gets a token needs nothing that brings more of them.
  const { BEARER_TOKEN: _, LATCHKEY_CLIENT_SECRET: __, LATCHKEY_PASSWORD: ___, ...rest } = env
  return { ...rest, ...(fileOnly ? {} : { BEARER_TOKEN: token.accessToken }), BEARER_TOKEN_FILE: file }
}

function assertBearer({ tokenType }: Token, issuer: string): void {
  if (tokenType === 'Bearer') return
  const text = `The tokens of ${issuer} are bound to a key (${tokenType}): another program cannot use them.`
  throw new AuthError('UNSUPPORTED', text)
}

interface Run {
  /** Where the tokens come from, for messages. */
  readonly issuer: string
  readonly source: TokenSource
  readonly token: Token
  readonly words: readonly string[]
  readonly fileOnly: boolean
}

async function ran({ issuer, source, token, words, fileOnly }: Run, signals: Relay, { io }: Context): Promise<number> {
  const place: TokenPlace = tokenPlace(io.env, token.accessToken)
  const ended = new AbortController()
  const failed = (message: string): void =>
    io.err(`auth: The token could not be renewed; ${terminalText(words[0] ?? '')} goes on. ${terminalText(message)}\n`)
  try {
    void keepFresh(token, {
      source,
      clock: systemClock,
      signal: ended.signal,
      renewed: (next) => {
        assertBearer(next, issuer)
        place.write(next.accessToken)
      },
      failed,
    })
    return await child(words, environment(io.env, token, place.file, fileOnly), signals, io)
  } finally {
    ended.abort()
    place.remove()
  }
}

interface Asking {
  readonly secretFile: string | undefined
  readonly request: TokenRequest | undefined
}

/** Where tokens come from: a stored login, or the user and password for an openEO back-end. */
async function sourceFor(
  wanted: Wanted,
  { secretFile, request }: Asking,
  context: Context,
): Promise<Pick<Run, 'issuer' | 'source'>> {
  if (wanted.backend?.method === 'basic') {
    if (request !== undefined) throw new UsageError('A token for user and password has no --scope and no --audience.')
    const { source } = await (await import('../basic-token.ts')).basicLogin(wanted, undefined, context)
    return { issuer: wanted.target?.typed ?? '', source }
  }
  const key = await storedLogin(wanted, context.store(), 'auth exec')
  const login = await loginSession(key, { wanted, secretFile }, context)
  return { issuer: key.issuer, source: sourceOf(login, request) }
}

export const exec: Command = {
  usage: '[ISSUER|NAME] [options] -- COMMAND…',
  operands: ['ISSUER'],
  takesCommand: true,
  flags: {
    ...loginFlags,
    ...narrowFlags,
    'min-validity': { value: 'SECONDS', help: 'The token lives so long at least when the command starts.' },
    'file-only': { help: 'Leave BEARER_TOKEN out: for runs that outlive a token.' },
    'client-secret-file': secretFileOnly,
  },
  about: `Runs what stands behind -- with a fresh token in BEARER_TOKEN, and in the file BEARER_TOKEN_FILE, which is kept
fresh while it runs and removed afterwards. No shell is between. Ends with its exit code (127: there is no such command).`,
  examples: `  auth exec cdse -- python3 job.py
  auth exec --file-only -- ./long-run.sh`,
  run: async (args, context) => {
    const { io, rest: words = [] } = context
    if (words.length === 0) throw new UsageError('Which command? It stands behind --: auth exec -- COMMAND.')
    const file = args.values.get('client-secret-file')
    if (file === '-') throw new UsageError('Stdin belongs to the command: put the client secret into a file.')
    const wanted = await wantedAt(args, context)
    const { issuer, source } = await sourceFor(wanted, { secretFile: file, request: narrowed(args) }, context)
    const minValid = secondsOption(args, 'min-validity') ?? 0
    const terminals = await Promise.all([0, 1, 2].map((descriptor) => io.isTerminal(descriptor)))
    const signals = relay(terminals.includes(true))
    try {
      const token = await source.getToken({ minValid, signal: signals.stopped })
      signals.stopped.throwIfAborted()
      assertBearer(token, issuer)
      const fileOnly = args.switches.get('file-only') === true
      return await ran({ issuer, source, token, words, fileOnly }, signals, context)
    } catch (error) {
      const code = signals.code()
      if (code === undefined) throw error
      return code
    } finally {
      await Promise.race([context.store().idle(), systemClock.sleep(lastWaitMs)])
      signals.end()
    }
  },
}
