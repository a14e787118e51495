import type { Token } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import type { Command, Context } from '../command.ts'
import { passwordToken, requestText, takenOperation } from '../credential/credential-token.ts'
import { forgetToken } from '../credential/forget-token.ts'
import { type GitRequest, gitAnswer, gitRequest } from '../credential/git-protocol.ts'
import { allowedHosts, hostFlag, isAllowed } from '../credential/hosts.ts'
import { exitCode } from '../exit-code.ts'
import { loginFlags, secretFileOnly } from '../flags.ts'
import { storedLogin } from '../stored-login.ts'
import { terminalText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'
import { wantedAt } from '../wanted.ts'

const command = 'auth git-credential'

/** As a password, which every git server takes; as a Bearer header where that is wanted and git can (2.46). */
function answer(token: Token, request: GitRequest, { values, switches }: Arguments): string {
  const { accessToken, expiresAt } = token
  const end = expiresAt === undefined ? {} : { password_expiry_utc: String(Math.floor(expiresAt / 1000)) }
  if (!switches.get('bearer')) {
    const username = values.get('username') ?? request.username ?? 'oauth2'
    return gitAnswer({ username, password: accessToken, ...end })
  }
  if (!request.capabilities.includes('authtype')) throw new UsageError('--bearer needs git 2.46 or newer.')
  return gitAnswer({ 'capability[]': 'authtype', authtype: 'Bearer', credential: accessToken, ephemeral: '1', ...end })
}

/** Whether git asks for a server that the token may go to. Otherwise it is left to git's other helpers, without a word. */
function isMeant({ protocol, host }: GitRequest, hosts: readonly string[], { io }: Context): boolean {
  if (host === undefined || !isAllowed(host, hosts)) return false
  if (protocol === 'https') return true
  io.err(
    `auth: No token for ${host}: git asked for ${terminalText(protocol ?? 'no protocol')}, and tokens go over https only.\n`,
  )
  return false
}

export const gitCredential: Command = {
  usage: '[ISSUER] --host HOSTS [options] get|store|erase',
  operands: ['ISSUER', 'OPERATION'],
  flags: {
    host: hostFlag,
    username: { value: 'NAME', help: 'What git is told as user name; default: what the URL says, or oauth2.' },
    bearer: { help: 'Send a Bearer header, not a password (git 2.46).' },
    ...loginFlags,
    'client-secret-file': secretFileOnly,
  },
  about: `Hands git a fresh token for https, for the hosts that are named and no others. git calls it. What git finds
refused is asked for anew the next time; there is nothing to store.`,
  examples: `  git config --global credential.https://git.example.org.helper \\
    '!auth git-credential cdse --host git.example.org'`,
  run: async (args, context) => {
    const [operation, rest] = takenOperation(args, command)
    const hosts = allowedHosts(args, command)
    if (args.values.get('client-secret-file') === '-') throw new UsageError('Stdin belongs to git.')
    // gitcredentials(7): helpers ignore what they do not know.
    if (operation !== 'get' && operation !== 'erase') return exitCode.done
    const request = gitRequest(await requestText(context, 'git'))
    if (!isMeant(request, hosts, context)) return exitCode.done
    if (operation === 'get') {
      const { token } = await passwordToken(rest, context, command)
      context.io.out(answer(token, request, rest))
    } else if (request.password !== undefined) {
      const key = await storedLogin(await wantedAt(rest, context), context.store(), command)
      await forgetToken(key, request.password, context.store())
    }
    return exitCode.done
  },
}
