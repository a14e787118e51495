import {
  AuthError,
  type AuthorizationPrompt,
  authorizationCode,
  type Client,
  type Grant,
  type GrantRequest,
  isAuthError,
} from '@latchkey/core'
import { isNoBrowser } from './browser/browser-commands.ts'
import { type OpenBrowserOptions, openBrowser } from './browser/open-browser.ts'
import type { LoopbackHost } from './loopback/bind.ts'
import { type LoopbackReceiver, loopbackReceiver } from './loopback/loopback-receiver.ts'
import type { PageName } from './page/page.ts'
import { pastedAnswer } from './paste.ts'
import { clockText, type StatusLine, statusLine } from './terminal/status-line.ts'
import { canAnswer, isLive, type Terminal, terminalOf } from './terminal/terminal.ts'
import { terminalText } from './terminal/terminal-text.ts'

/** What a client's registration says of its address on loopback. */
export interface LoopbackRedirect {
  /** Default `127.0.0.1`. */
  readonly host?: LoopbackHost | undefined
  /** Tried in order, for issuers that compare ports (INDIGO IAM); default one that the kernel chooses. */
  readonly ports?: readonly number[] | undefined
  /** Default `/callback`. */
  readonly path?: string | undefined
}

/** How a login by browser is run. */
export interface BrowserLoginOptions extends GrantRequest {
  readonly redirect?: LoopbackRedirect | undefined
  /** Default `query`. */
  readonly responseMode?: 'query' | 'form_post' | undefined
  /** Sends the request by the back channel first (RFC 9126); default: where the issuer requires it. */
  readonly par?: boolean | undefined
  /** What opens the page, as in `openBrowser`; `none` opens nothing. */
  readonly browser?: string | undefined
  /** What the person knows this program by; default `your terminal`. */
  readonly app?: string | undefined
  /** How long to wait for the person, in ms; default 10 minutes, at most an hour. */
  readonly timeoutMs?: number | undefined
  /** Parts of the process to use others in place of. */
  readonly terminal?: Partial<Terminal> | undefined
}

const defaultTimeoutMs = 600_000
const longestTimeoutMs = 3_600_000

/**
 * A login by browser: authorization code with PKCE and a loopback redirect (RFC 8252). The address is printed on
 * stderr, then opened; while the answer is awaited, its address may be pasted too, and the first good one counts.
 *
 * @returns a grant that throws what `authorizationCode` throws; `LOGIN_EXPIRED` when nobody came in time, `CONFIG_INVALID` when no port is free
 */
export function browserLogin(client: Client, options: BrowserLoginOptions = {}): Grant {
  const terminal = terminalOf(options.terminal)
  return async (how = {}) => {
    const { app, redirect, responseMode, terminal: _, browser, timeoutMs, ...request } = options
    // What cannot be had without the issuer is had before a port is open (RFC 8252 section 8.3).
    await client.metadata({ signal: how.signal })
    const details = { app, where: new URL(client.issuer).host }
    const receiver = await loopbackReceiver({ ...redirect, formPost: responseMode === 'form_post', details })
    let shown: PageName = 'failed'
    try {
      const grant = authorizationCode(client, {
        ...request,
        responseMode,
        redirectUri: receiver.redirectUri,
        receive: (prompt) => answered(prompt, receiver, { terminal, browser, timeoutMs, issuer: client.issuer }),
      })
      const tokens = await grant(how)
      shown = 'success'
      return tokens
    } catch (error) {
      shown = pageFor(error)
      throw error
    } finally {
      await receiver.close(shown)
    }
  }
}

interface Waiting {
  readonly terminal: Terminal
  readonly browser: string | undefined
  readonly timeoutMs: number | undefined
  readonly issuer: string
}

/** Shows where to go, and waits for the browser, the person's paste or the end of the time. */
async function answered(
  prompt: AuthorizationPrompt,
  receiver: LoopbackReceiver,
  { terminal, browser, timeoutMs = defaultTimeoutMs, issuer }: Waiting,
): Promise<URLSearchParams | string> {
  const { clock, env, platform, spawn } = terminal
  const ended = new AbortController()
  const signal = prompt.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, prompt.signal])
  const waitMs = Math.min(timeoutMs, longestTimeoutMs)
  try {
    const opens = !isNoBrowser(browser ?? env['BROWSER'] ?? '')
    const line = announce(prompt.url, { terminal, issuer, opens, endsAt: clock.now() + waitMs, signal })
    const late = clock.sleep(waitMs, signal).then(() => {
      throw new AuthError('LOGIN_EXPIRED', `Nobody came back from the login at ${issuer} in time. Start it again.`)
    })
    const received = receiver.receive(prompt.isAnswer, { signal })
    const pasted = line === undefined ? [] : [pastedAnswer(terminal, line, prompt.isAnswer, signal)]
    // Once one has won, the others end with the signal, and nobody is left to hear it.
    const waits: readonly Promise<URLSearchParams | string>[] = [received, late, ...pasted]
    for (const wait of waits) wait.catch(() => undefined)
    if (opens) void opening(prompt.url, line, { browser, env, platform, spawn, signal })
    return await Promise.race(waits)
  } finally {
    ended.abort()
  }
}

async function opening(url: string, line: StatusLine | undefined, options: OpenBrowserOptions): Promise<void> {
  if (!(await openBrowser(url, options))) line?.say('to log in; no browser was opened, use the address above')
}

interface Announcement {
  readonly terminal: Terminal
  readonly issuer: string
  /** Whether a browser is about to be opened. */
  readonly opens: boolean
  readonly endsAt: number
  readonly signal: AbortSignal
}

/** Prints the address before anything is opened; gives the line to write to where a person can answer. */
function announce(url: string, { terminal, issuer, opens, endsAt, signal }: Announcement): StatusLine | undefined {
  const { stderr, clock } = terminal
  const answers = canAnswer(terminal)
  const lines = [
    `\nTo log in at ${terminalText(issuer)}, open this page in ${opens ? 'your' : 'a'} browser:\n`,
    `${url}\n`,
    ...(answers ? [opens ? pasteAfterOpening : pasteAlone] : []),
  ]
  stderr.write(`${lines.join('\n')}\n`)
  if (isLive(terminal)) {
    const line = statusLine(terminal, { words: 'to log in · Ctrl-C ends it', endsAt, signal })
    return answers ? line : undefined
  }
  stderr.write(`Waiting for ${clockText(endsAt - clock.now())} min. Ctrl-C ends it.\n`)
  return undefined
}

const pasteAfterOpening = `It opens by itself and brings the answer back here. Should its last page not be
found, paste the address of that page here and press Enter. It is not shown.
`

const pasteAlone = `When you have logged in there, its last page may not be found: copy the address
of that page, paste it here and press Enter. It is not shown.
`

/** What the browser is told of a login that ended otherwise. Its words are constant; the terminal says the rest. */
function pageFor(error: unknown): PageName {
  if (!isAuthError(error)) return 'failed'
  if (error.code === 'LOGIN_DENIED') return 'denied'
  if (error.code === 'LOGIN_EXPIRED' || error.code === 'ABORTED') return 'expired'
  return ['NETWORK', 'TIMEOUT', 'TLS', 'SERVER_ERROR', 'DISCOVERY_FAILED'].includes(error.code)
    ? 'unreachable'
    : 'failed'
}
