import type { Client, Grant, TokenSet } from '@latchkey/core'
import { type BrowserLoginOptions, browserLogin, type LoopbackRedirect } from './browser-login.ts'
import { type DeviceLoginOptions, deviceLogin } from './device-login.ts'
import { loggedInText } from './logged-in-text.ts'
import { areAllTaken } from './loopback/bind.ts'
import { chooseMethod, type LoginMethod, type MethodChoice } from './method/choose-method.ts'
import { goodSign } from './terminal/emphasis.ts'
import { terminalOf } from './terminal/terminal.ts'

/** How a person logs in from a terminal. */
export interface InteractiveLoginOptions
  extends Omit<BrowserLoginOptions, 'redirect'>,
    Pick<DeviceLoginOptions, 'pkce'> {
  /** Default `auto`; see `chooseMethod`. */
  readonly method?: LoginMethod | 'auto' | undefined
  /** The client's address on loopback; `false` for a client that has none. */
  readonly redirect?: LoopbackRedirect | false | undefined
  /** Somebody has asked for this login and reads stderr, also where it is no terminal; default false. */
  readonly attended?: boolean | undefined
  /** Told what was chosen, before anything is shown. */
  readonly chosen?: ((choice: MethodChoice) => void) | undefined
  /** Says in a line when the person is logged in, and as whom; default true. */
  readonly announce?: boolean | undefined
}

/**
 * A person's login, for the `login` of a session: by a browser on this machine, by device, or by pasting an address,
 * whichever can work here. Everything it says is on stderr. Where `auto` finds all ports of a fixed list taken, it goes
 * on by device if the issuer has that.
 *
 * The grant throws `LOGIN_REQUIRED` at once where nobody can act (no terminal, continuous integration), `UNSUPPORTED`
 * where the issuer has no such login, and what `browserLogin` and `deviceLogin` throw.
 */
export function interactiveLogin(options: InteractiveLoginOptions = {}): (client: Client) => Grant {
  return (client) => async (how) => {
    const { method, redirect, attended, chosen, announce = true, ...rest } = options
    const terminal = terminalOf(options.terminal)
    const metadata = await client.metadata({ signal: how?.signal })
    const choice = chooseMethod({
      method,
      attended,
      metadata,
      issuer: client.issuer,
      env: terminal.env,
      platform: terminal.platform,
      browser: options.browser,
      loopback: redirect !== false,
      isTerminal: { input: terminal.stdin.isTTY === true, output: terminal.stderr.isTTY === true },
    })
    const byDevice = (): Promise<TokenSet> => deviceLogin(client, { ...requestOf(options), terminal })(how)
    const byBrowser = (browser?: string): Promise<TokenSet> =>
      browserLogin(client, { ...rest, ...(redirect && { redirect }), browser, terminal })(how)
    chosen?.(choice)
    const tokens = await {
      device: byDevice,
      paste: () => byBrowser('none'),
      browser: () =>
        byBrowser(options.browser).catch((error: unknown) => {
          const hasDevice = metadata.device_authorization_endpoint !== undefined
          if (choice.asked || !hasDevice || !areAllTaken(error)) throw error
          chosen?.({ method: 'device', reason: 'no port for the answer of the browser is free', asked: false })
          return byDevice()
        }),
    }[choice.method]()
    if (announce) terminal.stderr.write(`${goodSign(terminal)}${loggedInText(client.issuer, tokens.idTokenClaims)}\n`)
    return tokens
  }
}

/** What a login by device has no part in stays behind. */
function requestOf(options: InteractiveLoginOptions): DeviceLoginOptions {
  const { scope, audience, resource, parameters, pkce, browser, timeoutMs } = options
  return { scope, audience, resource, parameters, pkce, browser, timeoutMs }
}
