import type { Provider } from '@latchkey/testkit'
import type { onTestFinished } from 'vitest'
import { type Home, home, privateFile, pythonTokens } from './home.ts'

/** A home with a login of a running provider in it, as the openEO client leaves it. */
export async function loggedInHome(issuer: Provider, finished: typeof onTestFinished, scope?: string): Promise<Home> {
  const at = home(finished)
  const { refreshToken } = await issuer.issue(scope === undefined ? {} : { scope })
  privateFile(at.tokens, pythonTokens(issuer.issuer, 'script', refreshToken))
  return at
}
