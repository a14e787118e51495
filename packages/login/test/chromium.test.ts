import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Provider, provider } from '@latchkey/testkit'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { begun } from './support/begun.ts'
import { good, waiting } from './support/waiting.ts'

const executablePath = process.env['LATCHKEY_CHROMIUM'] ?? '/usr/bin/chromium'

/** What a page did besides being shown. */
interface Watched {
  readonly page: Page
  /** Messages of the console and errors, of pages of ours. */
  readonly complaints: string[]
  /** Requests that left the machine's loopback, and what our own pages asked for. */
  readonly foreign: string[]
  readonly context: BrowserContext
}

/** Signs in at the provider's own pages. */
async function signIn(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await page.getByLabel('Name').fill('marie')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
}

/** Where Back leads to, and every address that is kept. */
async function historyOf({ context, page }: Watched): Promise<readonly string[]> {
  const session = await context.newCDPSession(page)
  const { entries } = await session.send('Page.getNavigationHistory')
  return entries.map(({ url }) => url)
}

describe.skipIf(!existsSync(executablePath))('in a real browser (peer: Chromium)', () => {
  let browser: Browser
  let at: Provider
  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    browser = await chromium.launch({ executablePath, args })
    at = await provider()
  })
  afterAll(async () => {
    await browser.close()
    await at.close()
  })

  async function watched(options: Parameters<Browser['newContext']>[0] = {}): Promise<Watched> {
    const context = await browser.newContext(options)
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const complaints: string[] = []
    const foreign: string[] = []
    page.on('console', (message) => {
      // The provider's pages may say what they like.
      if (!message.location().url.startsWith(at.issuer)) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('request', (request) => {
      if (!/^(http:\/\/127\.0\.0\.1:|data:,$)/.test(request.url())) foreign.push(request.url())
    })
    return { page, complaints, foreign, context }
  }

  test.each(['query', 'form_post'] as const)(
    'a person signs in by %s; no code is left in the address or the history',
    async (responseMode) => {
      const login = await begun(at, { app: 'marine-tool', responseMode })
      const seen = await watched()
      await signIn(seen.page, login.address)
      await seen.page.getByRole('heading', { name: 'You are signed in' }).waitFor()
      expect(await login.ended).toBe('done')
      expect(login.person()).toBe('marie')
      expect(seen.page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/done\/[\w-]{22}$/)
      expect(await seen.page.evaluate('location.href + document.referrer')).not.toMatch(/code=|state=/)
      const kept = await historyOf(seen)
      expect(kept.length).toBeGreaterThan(1)
      expect(kept.filter((url) => url.includes('code=') || url.includes('/callback'))).toEqual([])
      expect(seen.complaints).toEqual([])
      expect(seen.foreign).toEqual([])
    },
  )

  test('3.7 row 5: a page of another site cannot answer for the person', async () => {
    const { url, received, over } = await waiting()
    const { page } = await watched()
    await page.goto(at.issuer)
    const state = `${url}${good}`
    await page.setContent(`<img src="${state}"><iframe src="${state}"></iframe><script src="${state}"></script>
<link rel="prefetch" href="${state}"><object data="${state}"></object>`)
    await page.evaluate(`fetch(${JSON.stringify(state)}, { mode: 'no-cors' }).catch(() => 0)`)
    await page.waitForLoadState('networkidle')
    expect(over()).toBe(false)
    void page.goto(state).catch(() => undefined)
    expect((await received).get('code')).toBe('c0de')
  })

  const folder = process.env['LATCHKEY_SCREENSHOTS']

  test.each([
    ['success', 'light', 'desktop'],
    ['success', 'light', 'phone'],
    ['success', 'dark', 'desktop'],
    ['success', 'dark', 'phone'],
    ['denied', 'dark', 'phone'],
    ['failed', 'light', 'desktop'],
  ] as const)(
    'the page %s in %s on a %s fits, with its own style and without a word of complaint',
    async (name, colorScheme, device) => {
      const [width, height] = device === 'phone' ? [320, 568] : [1280, 800]
      const { receiver, url, received } = await waiting({ details: { app: 'marine-tool', where: 'iam.example.org' } })
      const { page, complaints } = await watched({ colorScheme, viewport: { width, height }, reducedMotion: 'reduce' })
      const shown = page.goto(url + good)
      await received
      await receiver.close(name)
      await shown
      const look = await page.evaluate(`({
      wide: document.documentElement.scrollWidth > innerWidth,
      high: document.documentElement.scrollHeight > innerHeight,
      background: getComputedStyle(document.body).backgroundColor,
      animations: document.getAnimations().length,
    })`)
      const background = colorScheme === 'dark' ? 'rgb(18, 22, 20)' : 'rgb(243, 244, 241)'
      expect(look).toEqual({ wide: false, high: false, background, animations: 0 })
      expect(complaints).toEqual([])
      if (folder === undefined) return
      mkdirSync(folder, { recursive: true })
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${device}.png`) })
    },
  )
})
