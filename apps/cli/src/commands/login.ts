import { issuerTable } from '@latchkey/login/issuers'
import type { Command, Context } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { json } from '../flags.ts'
import { jsonText } from '../json-text.ts'
import { listingJson, listingText } from '../login/listing.ts'
import { loginAt } from '../login/login-at.ts'
import { loginRequest } from '../login/login-request.ts'
import { type Made, type MadeBy, madeJson, madeText, unkeptJson } from '../login/made.ts'
import { chosenPlace } from '../login/menu.ts'
import { targetOf } from '../target.ts'
import { UsageError } from '../usage-error.ts'

/** Whether somebody can choose from a menu: stdout may be a file. */
async function isAttended({ io }: Context): Promise<boolean> {
  return (await io.isTerminal(0)) && (await io.isTerminal(2))
}

/** Says what came of it: to the person, and on stdout to whoever asked for data. */
async function told(made: Made, by: MadeBy, asJson: boolean, context: Context): Promise<void> {
  const { io } = context
  if (made.login !== undefined || made.set === undefined) {
    if (asJson) io.out(jsonText(madeJson(made)))
    else io.err(await madeText(made, by, context))
    return
  }
  const { token, refreshToken } = made.set
  if (asJson) return io.out(jsonText(unkeptJson(made)))
  if (refreshToken !== undefined)
    io.err(
      'A refresh token came too and is thrown away; the issuer holds it good until it expires. --json prints it.\n',
    )
  io.out(`${token.accessToken}\n`)
}

export const login: Command = {
  usage: '[NAME|ISSUER|BACKEND] [ADDRESS]',
  operands: ['ISSUER', 'ADDRESS'],
  flags: {
    method: { value: 'HOW', help: 'auto (default), browser, device or paste.' },
    browser: { value: 'CMD', negatable: true, help: 'What opens the page; default: $BROWSER.' },
    port: { value: 'PORTS', help: "Of the client's loopback address, if fixed." },
    'client-id': { value: 'ID', help: 'The client; a name may stand for one.' },
    account: { value: 'NAME', help: 'One of several accounts of that client.' },
    'client-secret-file': { value: 'FILE', help: 'Its secret, if it has one (- for stdin).' },
    register: { help: 'Register a client there, and keep it.' },
    'register-token-file': { value: 'FILE', help: 'A token that allows that (- for stdin).' },
    scope: { value: 'WORDS', help: 'What to ask for; a name may stand for it.' },
    audience: { value: 'NAMES', help: 'For which APIs, comma separated.' },
    pkce: { negatable: true, help: 'By device: send a proof key (RFC 7636).' },
    timeout: { value: 'SECONDS', help: 'How long to wait for the person.' },
    'no-store': { help: 'Print the access token, and keep nothing.' },
    json,
  },
  about: 'Logs a person in. Without NAME: a menu, or the names. All it says is on stderr.',
  examples: '  auth login cdse; auth login iam https://iam.example.org --register',
  run: async (args, context) => {
    const { io } = context
    const asJson = args.switches.get('json') === true
    const request = loginRequest(args)
    let [name, address] = args.operands
    if (name === undefined) {
      const rows = issuerTable({ env: io.env })
      if (asJson || !(await isAttended(context))) {
        if (args.values.size > 0) throw new UsageError('Which issuer? auth login lists the names it knows.')
        io.out(asJson ? listingJson(rows) : listingText(rows))
        return exitCode.done
      }
      ;[name = '', address] = await chosenPlace(rows, context)
    }
    const target = targetOf(name, io.env, address)
    const by = { typed: target.typed, secretFile: request.secretFile }
    await told(await loginAt(target, request, context), by, asJson, context)
    return exitCode.done
  },
}
