import { AuthError, type Client, type DevicePrompt, deviceCode, type Grant, type GrantRequest } from '@latchkey/core'
import { openBrowser } from './browser/open-browser.ts'
import { deviceText } from './device-text.ts'
import { noLocalBrowser } from './method/local-browser.ts'
import { copySequence } from './terminal/copy.ts'
import { emphasis } from './terminal/emphasis.ts'
import { listenToKeys } from './terminal/keys.ts'
import { qrCode } from './terminal/qr-code.ts'
import { clockText, type StatusLine, statusLine } from './terminal/status-line.ts'
import { canAnswer, isLive, type Terminal, terminalOf } from './terminal/terminal.ts'
import { terminalText } from './terminal/terminal-text.ts'

/** How a login by device is shown. */
export interface DeviceLoginOptions extends GrantRequest {
  /** Sends a proof key (RFC 7636); default false, as in `deviceCode`. */
  readonly pkce?: boolean | undefined
  /** What opens the page when the person presses `o`; default as in `openBrowser`. */
  readonly browser?: string | undefined
  /** How long to wait for the person, in ms, where the code is good for longer; default: as long as the code is. */
  readonly timeoutMs?: number | undefined
  /** Parts of the process to use others in place of. */
  readonly terminal?: Partial<Terminal> | undefined
}

/** Ends a wait of a person that lasts for too long. */
function endsLate(issuer: string, ended: AbortController, { clock }: Terminal, timeoutMs: number): AbortSignal {
  const late = new AbortController()
  const expired = new AuthError('LOGIN_EXPIRED', `Nobody approved the login at ${issuer} in time. Start it again.`)
  clock.sleep(timeoutMs, ended.signal).then(
    () => late.abort(expired),
    () => undefined,
  )
  return late.signal
}

/**
 * A login by device (RFC 8628) with its prompt, on stderr: the address, the code, a QR code where it fits, the time
 * left, `c` to copy the code and `o` to open the page. Without a terminal: plain text, once. It ends with the code,
 * also at an issuer that never tells of a refusal (INDIGO IAM).
 *
 * @returns a grant that throws what `deviceCode` throws
 */
export function deviceLogin(client: Client, options: DeviceLoginOptions = {}): Grant {
  const terminal = terminalOf(options.terminal)
  return async (how = {}) => {
    const ended = new AbortController()
    const { terminal: _, browser, timeoutMs, ...request } = options
    const endsAt = terminal.clock.now() + (timeoutMs ?? Number.POSITIVE_INFINITY)
    const grant = deviceCode(client, {
      ...request,
      prompt: (prompt) => show(prompt, client.issuer, { terminal, browser, endsAt, signal: ended.signal }),
    })
    try {
      if (timeoutMs === undefined) return await grant(how)
      const late = endsLate(client.issuer, ended, terminal, timeoutMs)
      return await grant({ ...how, signal: how.signal === undefined ? late : AbortSignal.any([how.signal, late]) })
    } finally {
      ended.abort()
    }
  }
}

interface Showing {
  readonly terminal: Terminal
  readonly browser: string | undefined
  /** Epoch milliseconds; the code may end before. */
  readonly endsAt: number
  readonly signal: AbortSignal
}

function show(prompt: DevicePrompt, issuer: string, { terminal, browser, signal, ...showing }: Showing): void {
  const { stderr, clock } = terminal
  const endsAt = Math.min(prompt.expiresAt, showing.endsAt)
  stderr.write(deviceText(prompt, terminalText(issuer), emphasis(terminal)))
  if (!isLive(terminal)) {
    stderr.write(`Waiting for ${clockText(endsAt - clock.now())} min. Ctrl-C ends it.\n`)
    return
  }
  const address = prompt.verificationUriComplete ?? prompt.verificationUri
  const code = qrCode(address, terminal)
  if (code !== undefined) stderr.write(`${code}\n`)
  const answers = canAnswer(terminal)
  const opens = answers && noLocalBrowser({ env: terminal.env, platform: terminal.platform, browser }) === undefined
  const keys = [...(answers ? ['c copies the code'] : []), ...(opens ? ['o opens the page'] : []), 'Ctrl-C ends it']
  const words = `to approve it · ${keys.join(' · ')}`
  const line = statusLine(terminal, { words, endsAt, signal })
  if (!answers) return
  const key = (pressed: string): void => {
    if (pressed.toLowerCase() === 'c') copy(prompt.userCode, line, terminal)
    if (pressed.toLowerCase() === 'o' && opens) void open(address, line, { terminal, browser, signal })
  }
  listenToKeys(terminal, { key }, signal)
}

function copy(userCode: string, line: StatusLine, { stderr }: Terminal): void {
  stderr.write(copySequence(userCode))
  line.say('the code is on the clipboard, if your terminal allows that')
}

async function open(
  address: string,
  line: StatusLine,
  { terminal, browser, signal }: Omit<Showing, 'endsAt'>,
): Promise<void> {
  line.say('opening the page in your browser')
  const { env, platform, spawn } = terminal
  if (!(await openBrowser(address, { browser, env, platform, spawn, signal }))) {
    line.say('no browser could be opened: use the address above')
  }
}
