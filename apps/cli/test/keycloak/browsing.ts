import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { keycloakPassword } from '@latchkey/testkit'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'

const executablePath = process.env['LATCHKEY_CHROMIUM'] ?? '/usr/bin/chromium'

/** Whether this machine has no Chromium. */
export const absent: boolean = !existsSync(executablePath)

/** A browser in which nobody is signed in anywhere. */
export interface Browsing {
  readonly page: () => Promise<Page>
}

/** One Chromium for the tests of a file, which reaches nothing but this machine. */
export function browsing(): Browsing {
  let browser: Browser
  beforeAll(async () => {
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
    browser = await chromium.launch({ executablePath, args })
  })
  afterAll(() => browser.close())
  return {
    page: async () => {
      const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, reducedMotion: 'reduce' })
      onTestFinished(() => context.close())
      await context.route(
        ({ hostname }) => hostname !== '127.0.0.1',
        (route) => route.abort(),
      )
      return context.newPage()
    },
  }
}

/** Types name and password into Keycloak's own page. */
export async function signIn(page: Page, username: string, password: string = keycloakPassword): Promise<void> {
  await page.getByLabel('Username or email').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign In' }).click()
}

/** Answers Keycloak's question whether the client may have what it asks for. */
export async function answer(page: Page, word: 'Yes' | 'No'): Promise<void> {
  await page.getByRole('button', { name: word }).click()
}

const folder = process.env['LATCHKEY_SCREENSHOTS']

/** For people to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  await page.waitForLoadState('networkidle')
  await page.screenshot({ path: join(folder, `keycloak-${name}.png`) })
}
