import { client, isAuthError, systemClock } from '@latchkey/core'
import {
  type Exchange,
  manualClock,
  provider,
  type Reply,
  type ScriptedIssuer,
  scriptedIssuer,
} from '@latchkey/testkit'
import { encode } from 'uqr'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type DeviceLoginOptions, deviceLogin } from '../src/index.ts'
import { type FakeOptions, type FakeTerminal, fakeTerminal } from './support/fake-terminal.ts'

const answer = {
  device_code: 'DC-secret',
  user_code: '-A_B12',
  verification_uri: 'https://iam.example.org/device',
  verification_uri_complete: 'https://iam.example.org/device?user_code=-A_B12',
  expires_in: 600,
}
const pending: Reply = { status: 400, body: { error: 'authorization_pending' } }
const granted: Reply = { body: { access_token: 'AT', token_type: 'bearer', refresh_token: 'RT' } }

async function issuerThat(device: object, ...polls: readonly Reply[]): Promise<ScriptedIssuer> {
  const rows: Exchange[] = [{ request: 'POST /device_authorization', reply: { body: { ...answer, ...device } } }]
  for (const [index, reply] of polls.entries()) {
    rows.push({ request: 'POST /token', reply, ...(index === polls.length - 1 && { times: Number.POSITIVE_INFINITY }) })
  }
  const issuer = await scriptedIssuer(rows)
  onTestFinished(() => issuer.close())
  return issuer
}

interface Run {
  readonly terminal: FakeTerminal
  /** Resolves with the code of the error, or `done`. */
  readonly ended: Promise<string>
  readonly clock: ReturnType<typeof manualClock>
  readonly abort: () => void
  /** Lets time go on until something is so. */
  readonly until: (condition: () => boolean) => Promise<void>
}

async function run(issuer: ScriptedIssuer, how: FakeOptions = {}, options: DeviceLoginOptions = {}): Promise<Run> {
  const clock = manualClock()
  const terminal = fakeTerminal({ clock, ...how })
  const made = client({ issuer: issuer.issuer, clientId: 'c', clock, timeoutMs: 10_000_000 })
  const controller = new AbortController()
  const grant = deviceLogin(made, { ...options, terminal })
  const ended = grant({ signal: controller.signal }).then(
    () => 'done',
    (error: unknown) => (isAuthError(error) ? error.code : String(error)),
  )
  const until = async (condition: () => boolean): Promise<void> => {
    for (let step = 0; step < 2_000 && !condition(); step++) {
      await clock.advance(500)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(condition()).toBe(true)
  }
  await expect.poll(() => terminal.written().length).toBeGreaterThan(0)
  return { terminal, ended, clock, until, abort: () => controller.abort() }
}

/** What stays on the screen: a line that is rewritten stays as it was last. */
const screen = (written: string): readonly string[] =>
  written.split('\n').map(
    (line) =>
      line
        .split('\r')
        .at(-1)
        ?.replaceAll(/\u001b\[[\d;]*[mK]/g, '') ?? '',
  )

describe('on a terminal', () => {
  test('address and code stand alone on their lines, also a code that begins with a dash', async () => {
    const { terminal, abort, ended } = await run(await issuerThat({}, pending))
    const lines = screen(terminal.written())
    for (const line of [answer.verification_uri, answer.user_code, answer.verification_uri_complete]) {
      expect(lines).toContain(`    ${line}`)
    }
    abort()
    expect(await ended).toBe('ABORTED')
  })

  test('the time left is shown in one line, which is empty again at the end', async () => {
    const { terminal, ended, until } = await run(await issuerThat({ interval: 5 }, pending, granted))
    expect(screen(terminal.written()).at(-1)).toMatch(
      /^ {2}10:00 {2}to approve it · c copies the code · o opens the page/,
    )
    await until(() => screen(terminal.written()).at(-1)?.startsWith('  9:57') ?? false)
    await until(() => terminal.modes.at(-1) === false)
    expect(await ended).toBe('done')
    expect(screen(terminal.written()).at(-1)).toBe('')
    expect(terminal.written().split('\n').length).toBeLessThan(45)
  })

  test('it ends with the code where a refusal is never told (INDIGO IAM), and says so', async () => {
    const { terminal, ended, until, clock } = await run(await issuerThat({ interval: undefined }, pending))
    const started = clock.now()
    await until(() => terminal.modes.at(-1) === false)
    expect(await ended).toBe('LOGIN_EXPIRED')
    expect(clock.now() - started).toBeLessThan(603_000)
    expect(terminal.written()).toContain('  0:05  ')
    expect(terminal.modes.at(-1)).toBe(false)
  })

  test('c copies the code and nothing else, o opens the page; both only when pressed', async () => {
    const { terminal, ended, abort } = await run(await issuerThat({}, pending), { opens: true })
    expect(terminal.written()).not.toContain('\u001b]')
    terminal.type('c')
    await expect.poll(terminal.written).toContain(`\u001b]52;c;${Buffer.from('-A_B12').toString('base64')}\u0007`)
    expect(terminal.spawned).toEqual([])
    terminal.type('o')
    await expect.poll(() => terminal.spawned).toEqual([['xdg-open', answer.verification_uri_complete]])
    abort()
    await ended
  })

  test('over ssh nothing is offered to be opened', async () => {
    const env = { SSH_TTY: '/dev/pts/1', LANG: 'C.UTF-8' }
    const { terminal, ended, abort } = await run(await issuerThat({}, pending), { env })
    expect(terminal.written()).not.toContain('opens the page')
    terminal.type('o')
    abort()
    await ended
    expect(terminal.spawned).toEqual([])
  })

  test('ends, and shows that it will, when less time is given than the code has', async () => {
    const { terminal, ended, until } = await run(await issuerThat({}, pending), {}, { timeoutMs: 20_000 })
    let code = ''
    void ended.then((said) => (code = said))
    await until(() => code !== '')
    expect(code).toBe('LOGIN_EXPIRED')
    expect(terminal.written()).toMatch(/ 0:(20|19) {2}to approve it/)
    expect(terminal.written()).not.toMatch(/ (10:00|9:\d\d) /)
  })

  test('Ctrl-C restores the terminal first', async () => {
    const { terminal, ended, abort } = await run(await issuerThat({}, pending))
    expect(terminal.modes).toEqual([true])
    terminal.type('\u0003')
    await expect.poll(terminal.interrupts).toBe(1)
    expect(terminal.modes).toEqual([true, false])
    abort()
    await ended
  })
})

/** The modules that a picture of half blocks stands for: dark is true. */
function modules(text: string): boolean[][] {
  const lines = text.split('\n').filter((line) => /^ {2}[█▀▄ ]{20,}$/.test(line))
  return lines.flatMap((line) => {
    const cells = Array.from(line.slice(2))
    return [cells.map((cell) => !'█▀'.includes(cell)), cells.map((cell) => !'█▄'.includes(cell))]
  })
}

describe('the QR code', () => {
  const drawn = async (how: FakeOptions): Promise<string> => {
    const { terminal, ended, abort } = await run(await issuerThat({}, pending), how)
    abort()
    await ended
    return terminal.written()
  }

  test('is that of the address with the code in it, dark on light whatever the theme', async () => {
    const written = await drawn({})
    const { data, size } = encode(answer.verification_uri_complete, { ecc: 'L', border: 2 })
    const shown = modules(written.replaceAll(/\u001b\[[\d;]*m/g, ''))
    expect(shown.slice(0, size)).toEqual(data)
    expect(written).toContain('\u001b[38;5;231;48;5;16m')
  })

  test('is drawn where everything just fits', async () => {
    expect(await drawn({ columns: 37, rows: 32 })).toContain('█')
  })

  test('needs no colours', async () => {
    const written = await drawn({ env: { NO_COLOR: '1', LANG: 'de_DE.utf8' } })
    expect(modules(written).length).toBeGreaterThan(20)
    expect(written).not.toMatch(/\u001b\[[\d;]+m/)
  })

  test.each<[string, FakeOptions]>([
    ['too narrow', { columns: 30 }],
    ['too low', { rows: 31 }],
    ['not UTF-8', { env: { LANG: 'C' } }],
    ['no locale', { env: {} }],
    ['dumb', { env: { TERM: 'dumb', LANG: 'C.UTF-8' } }],
    ['no terminal', { tty: { input: false, output: false } }],
  ])('is left out where the terminal is %s', async (_name, how) => {
    const written = await drawn(how)
    expect(written).not.toContain('█')
    expect(written).toContain(`\n    ${answer.verification_uri_complete}\n`)
  })

  test('a narrow terminal never gets a line that wraps', async () => {
    const written = await drawn({ columns: 30 })
    const live = written.split('\r').slice(1)
    for (const line of live) expect(line.replace('\u001b[K', '').length).toBeLessThan(30)
  })
})

describe('without a terminal', () => {
  test.each<[string, FakeOptions]>([
    ['stderr in a pipe', { tty: { input: true, output: false } }],
    ['TERM=dumb', { env: { TERM: 'dumb' } }],
  ])('%s: plain text, once, and no key is read', async (_name, how) => {
    const { terminal, ended, abort } = await run(await issuerThat({}, pending), how)
    expect(terminal.written()).not.toMatch(/[\r\u001b]/)
    expect(terminal.written()).toMatch(/Waiting for 10:00 min\. Ctrl-C ends it\.\n$/)
    expect(terminal.modes).toEqual([])
    abort()
    await ended
  })
})

test('an embedded provider is logged in at, and the person is refused', async () => {
  const at = await provider()
  onTestFinished(() => at.close())
  const terminal = fakeTerminal()
  const hasty = { ...systemClock, sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 50, signal) }
  const made = client({ issuer: at.issuer, clientId: 'script', scope: 'openid', clock: hasty, timeoutMs: 500_000 })
  const grant = deviceLogin(made, { terminal })()
  await expect.poll(terminal.written).toMatch(/[A-Z]{4}-[A-Z]{4}/)
  const code = /([A-Z]{4}-[A-Z]{4})/.exec(terminal.written())?.[1] ?? ''
  await at.approve(code, { deny: true })
  await expect(grant).rejects.toMatchObject({ code: 'LOGIN_DENIED' })
  expect(terminal.modes.at(-1)).toBe(false)
})
