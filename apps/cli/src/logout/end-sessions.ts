import { openBrowser } from '@latchkey/login'
import type { Context } from '../command.ts'
import { terminalText } from '../terminal-text.ts'
import type { Ended } from './logged-out.ts'

/**
 * What is left after a logout is the session in the person's browser, which lets the next login in without a password.
 * Opens the issuer's page for it, or says where that is; one page an issuer.
 */
export async function endSessions(all: readonly Ended[], opens: boolean, { io }: Context): Promise<void> {
  const pages = new Map(all.map(({ key, page }) => [key.issuer, page]))
  for (const [issuer, page] of pages) {
    if (page === undefined) {
      if (opens) io.err(`${terminalText(`${issuer} has no page that ends a session: log out there in the browser.`)}\n`)
      continue
    }
    const what = opens ? 'Opening the page that ends it' : 'To end that too, open'
    io.err(`${terminalText(`Your browser may still be logged in there. ${what}: ${page.shown}`)}\n`)
    const { env = io.env, spawn } = io.loginTerminal()
    if (opens && !(await openBrowser(page.opened, { env, spawn })))
      io.err('No browser could be opened: use that address.\n')
  }
}
