import { type Client, type Grant, type GrantRequest, isAuthError } from '@latchkey/core'
import { interactiveLogin, type LoopbackRedirect, type MethodChoice } from '@latchkey/login'
import type { Context } from '../command.ts'
import type { LoginRequest } from './login-request.ts'

/** What a client's login asks for, and where it may be answered. */
export interface Asked extends Pick<GrantRequest, 'scope' | 'audience' | 'parameters'> {
  readonly pkce: boolean
  readonly redirect: LoopbackRedirect | false
}

/** How a person wants to log in. */
type How = Pick<LoginRequest, 'method' | 'browser' | 'timeoutMs'>

const words: Readonly<Record<MethodChoice['method'], string>> = {
  browser: 'By browser',
  device: 'By device',
  paste: 'By pasting an address',
}

/** What was chosen for a person who said nothing about it; a browser on their own machine needs no reason. */
function choiceText({ method, reason }: MethodChoice): string {
  const others = (['browser', 'device', 'paste'] as const).filter((one) => one !== method)
  const why = method === 'browser' ? '' : `, because ${reason}`
  return `${words[method]}${why}. Otherwise: --method ${others.join(' or ')}.\n`
}

/** Continuous integration has nobody who reads a code. */
const isAutomated = ({ CI: automated = '' }: Context['io']['env']): boolean => !/^(|0|false)$/i.test(automated)

/** Whether an issuer takes the request of this client by the back channel alone, in the words of Keycloak. */
function demandsPush(error: unknown): boolean {
  return isAuthError(error) && error.code === 'CONFIG_INVALID' && /pushed authorization request/i.test(error.message)
}

/**
 * A login of a person in the way that was asked for, or that can work here. All that it says is on stderr. That a client
 * must push its request (RFC 9126) stands in no metadata: it is pushed once the issuer has said so, and not before, since
 * what is pushed is good for a minute at many issuers.
 */
export function personGrant(client: Client, asked: Asked, request: How, context: Context): Grant {
  const { io } = context
  return async (how) => {
    try {
      return await grantBy(client, asked, request, context)(how)
    } catch (error) {
      if (!demandsPush(error)) throw error
      const metadata = await client.metadata({ signal: how?.signal })
      if (metadata['pushed_authorization_request_endpoint'] === undefined) throw error
      io.err('\nThis client has to push its request first: once more, at a page that is opened anew.\n')
      return grantBy(client, { ...asked, par: true }, request, context)(how)
    }
  }
}

function grantBy(client: Client, asked: Asked & { readonly par?: boolean }, request: How, { io }: Context): Grant {
  const { method, browser, timeoutMs } = request
  return async (how) => {
    const attended = await isAttended(io)
    const login = interactiveLogin({
      ...asked,
      app: 'auth',
      method,
      browser,
      timeoutMs,
      attended,
      announce: false,
      terminal: io.loginTerminal(),
      chosen: (choice) => {
        if (method === 'auto' && asked.par !== true) io.err(choiceText(choice))
      },
    })
    return login(client)(how)
  }
}

/** Whether somebody sits here: a job that comes upon a login by mistake must not wait for a person. */
async function isAttended({ env, isTerminal }: Context['io']): Promise<boolean> {
  if (isAutomated(env)) return false
  return (await isTerminal(0)) || (await isTerminal(1)) || isTerminal(2)
}
