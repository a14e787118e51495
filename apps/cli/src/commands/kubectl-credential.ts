import { AuthError } from '@latchkey/core'
import type { Arguments } from '../args.ts'
import type { Command, Context } from '../command.ts'
import { passwordToken } from '../credential/credential-token.ts'
import { type ExecInfo, execCredential, execInfo } from '../credential/exec-credential.ts'
import { allowedHosts, isAllowed } from '../credential/hosts.ts'
import { exitCode } from '../exit-code.ts'
import { loginFlags, secretFileOnly } from '../flags.ts'
import { tokenOptions } from '../fresh-token.ts'
import { idToken } from '../id-token.ts'
import { jsonText } from '../json-text.ts'
import { UsageError } from '../usage-error.ts'

const command = 'auth kubectl-credential'

/** A kubeconfig says where the token goes; `--host` makes sure that it says nothing else one day. */
function assertMeant({ server }: ExecInfo, args: Arguments): void {
  if (!args.values.has('host')) return
  const hosts = allowedHosts(args, command)
  if (server === undefined) {
    throw new UsageError('--host needs provideClusterInfo: true in the kubeconfig, beside the command.')
  }
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url?.protocol === 'https:' && isAllowed(url.host, hosts)) return
  throw new AuthError(
    'CONFIG_INVALID',
    `No token for ${url?.origin ?? server}: --host allows ${hosts.join(', ')} only.`,
  )
}

async function credential(args: Arguments, context: Context): Promise<readonly [string, number | undefined]> {
  if (args.switches.get('id-token') === false) {
    const { token } = await passwordToken(args, context, command)
    return [token.accessToken, token.expiresAt]
  }
  const { text, expiresAt } = await idToken(await tokenOptions(args, context), context, command)
  return [text, expiresAt]
}

export const kubectlCredential: Command = {
  usage: '[ISSUER|NAME]',
  operands: ['ISSUER'],
  flags: {
    'id-token': { negatable: true, help: 'Give the ID token, which most clusters want; default. Or the access token.' },
    host: { value: 'HOSTS', help: 'Clusters it may go to, comma separated; default: as the kubeconfig says.' },
    ...loginFlags,
    'client-secret-file': secretFileOnly,
  },
  about: 'Hands kubectl a fresh token (ExecCredential v1, v1beta1). kubectl calls it. Never starts a login.',
  examples: `  kubectl config set-credentials me --exec-command=auth \\
    --exec-api-version=client.authentication.k8s.io/v1 \\
    --exec-interactive-mode=Never --exec-arg=kubectl-credential --exec-arg=egi`,
  run: async (args, context) => {
    const info = execInfo(context.io.env['KUBERNETES_EXEC_INFO'])
    assertMeant(info, args)
    const [token, expiresAt] = await credential(args, context)
    context.io.out(jsonText(execCredential(info, token, expiresAt)))
    return exitCode.done
  },
}
