import type { Client, Grant, GrantRequest } from '@latchkey/core'
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

/** A login of a person in the way that was asked for, or that can work here. All that it says is on stderr. */
export function personGrant(client: Client, asked: Asked, request: How, { io }: Context): Grant {
  const { method, browser, timeoutMs } = request
  return interactiveLogin({
    ...asked,
    app: 'auth',
    method,
    browser,
    timeoutMs,
    attended: !isAutomated(io.env),
    announce: false,
    terminal: io.loginTerminal(),
    chosen: (choice) => {
      if (method === 'auto') io.err(choiceText(choice))
    },
  })(client)
}
