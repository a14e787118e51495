import type { Command } from '../command.ts'
import { passwordToken, requestText, takenOperation } from '../credential/credential-token.ts'
import { registryHost } from '../credential/docker-protocol.ts'
import { allowedHosts, hostFlag, isAllowed } from '../credential/hosts.ts'
import { exitCode } from '../exit-code.ts'
import { loginFlags, secretFileOnly } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { UsageError } from '../usage-error.ts'

const command = 'auth docker-credential'

/** The words by which docker knows that another helper may be asked (docker/docker-credential-helpers). */
const notFound = 'credentials not found in native keychain\n'

export const dockerCredential: Command = {
  usage: '[ISSUER] --host HOSTS [options] get|list|erase',
  operands: ['ISSUER', 'OPERATION'],
  flags: {
    host: hostFlag,
    username: { value: 'NAME', help: 'What docker is told as user name; default: oauth2.' },
    ...loginFlags,
    'client-secret-file': secretFileOnly,
  },
  about: `Hands docker a fresh token for the registries that are named and no others. docker calls a program named
docker-credential-NAME, which is a script of two lines.`,
  examples: `  #!/bin/sh
  exec auth docker-credential egi --host reg.example.org "$@"
  is ~/bin/docker-credential-egi, and in ~/.docker/config.json stands
  "credHelpers": { "reg.example.org": "egi" }`,
  run: async (args, context) => {
    const { io } = context
    const [operation, rest] = takenOperation(args, command)
    const hosts = allowedHosts(args, command)
    if (args.values.get('client-secret-file') === '-') throw new UsageError('Stdin belongs to docker.')
    const username = args.values.get('username') ?? 'oauth2'
    if (operation === 'list') {
      io.out(jsonText(Object.fromEntries(hosts.map((host) => [host, username]))))
      return exitCode.done
    }
    // `docker logout` ends docker's use of a login, not the login.
    if (operation === 'erase') return exitCode.done
    if (operation !== 'get')
      throw new UsageError('There is nothing to store: auth login logs in, docker login does not.')
    const server = (await requestText(context, 'docker')).trim()
    if (!isAllowed(registryHost(server), hosts)) {
      io.out(notFound)
      return exitCode.failed
    }
    const { token } = await passwordToken(rest, context, command)
    io.out(jsonText({ ServerURL: server, Username: username, Secret: token.accessToken }))
    return exitCode.done
  },
}
