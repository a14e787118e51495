import { authConfig, authConfigFile } from '@latchkey/file-store'
import type { Arguments } from '../args.ts'
import { backendOperand } from '../backend-operand.ts'
import type { Command, Context } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { checkedSecret, secretIn } from '../given-secret.ts'
import type { Io } from '../io.ts'
import { connected } from '../openeo.ts'
import { answerTo, secretAnswerTo } from '../prompt.ts'
import { pythonRepr } from '../python-words.ts'
import { UsageError } from '../usage-error.ts'

/** Where the password comes from, where nobody is asked for it: a file, `-` for stdin. */
function passwordFile({ values, switches }: Arguments): string | undefined {
  const file = values.get('password-file')
  if (switches.get('password-stdin') !== true) return file
  if (file !== undefined && file !== '-')
    throw new UsageError('--password-stdin and --password-file contradict each other.')
  return '-'
}

async function usernameOf({ values }: Arguments, file: string | undefined, io: Io): Promise<string> {
  const given = values.get('username')
  if (given !== undefined) return given
  if (file === '-') throw new UsageError('The password is read from stdin: give the user with --username U.')
  const answer = await answerTo('Enter username and press enter: ', io)
  if (answer) return answer
  throw new UsageError('No user name was given: add --username U.')
}

async function passwordOf(file: string | undefined, io: Io): Promise<string> {
  if (file !== undefined) return secretIn(file, 'password', io)
  const given = io.env['LATCHKEY_PASSWORD']
  if (given !== undefined && given !== '') return checkedSecret(given, 'password', 'LATCHKEY_PASSWORD')
  const answer = await secretAnswerTo('Enter password and press enter: ', io)
  if (answer !== undefined) return answer
  throw new UsageError('No password was given: add --password-file FILE or --password-stdin, or set LATCHKEY_PASSWORD.')
}

/** A token of the back-end is proof that it takes the user and the password. */
async function tryOut(backend: string, username: string, password: string, context: Context): Promise<void> {
  const { io } = context
  if (password === '') throw new UsageError('The password is empty: it was not tried, and nothing was saved.')
  io.out(`Trying to authenticate with ${pythonRepr(backend)}\n`)
  const signal = io.interruption()
  const there = await connected(backend, context)
  const { source } = await there.authenticate({ method: 'basic', username, password, signal })
  await source.getToken({ signal })
  io.out(`Successfully authenticated ${pythonRepr(username)}\n`)
}

export const addBasic: Command = {
  usage: 'BACKEND',
  operands: ['BACKEND'],
  prefixes: true,
  flags: {
    username: { value: 'U', help: 'The user; default: asked for.' },
    'password-file': { value: 'FILE', help: 'Read the password from FILE (- for stdin).' },
    'password-stdin': { help: 'Read the password from stdin.' },
    'no-try': { help: "Don't try out the credentials against the backend, just store them." },
  },
  about: `Stores a user and password for an openEO back-end in auth-config.json, once the back-end has taken them.
The password comes from --password-file, --password-stdin, LATCHKEY_PASSWORD, or is asked for without being shown.`,
  examples: '  auth add-basic openeo.example.org --username marie',
  run: async (args, context) => {
    const { io } = context
    const backend = backendOperand(args, 'auth add-basic')
    const { path } = authConfigFile({ env: io.env })
    io.out(`Will add basic auth config for backend URL ${pythonRepr(backend)}\nto config file: ${pythonRepr(path)}\n`)
    const file = passwordFile(args)
    const username = await usernameOf(args, file, io)
    io.out(`Using username ${pythonRepr(username)}\n`)
    const password = await passwordOf(file, io)
    if (args.switches.get('no-try') !== true) await tryOut(backend, username, password, context)
    else if (password === '') io.err('No password was given. One that is stored already stays, under the new user.\n')
    await authConfig({ env: io.env }).setBasic(backend, { username, password })
    io.out(`Saved credentials to ${pythonRepr(path)}\n`)
    return exitCode.done
  },
}
