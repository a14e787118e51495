import { setTimeout as delay } from 'node:timers/promises'
import type { KeycloakRealm } from '@latchkey/testkit'
import { expect, test } from 'vitest'
import { auth } from '../support/auth.ts'
import { home } from '../support/home.ts'
import { signIn } from './browsing.ts'
import { atKeycloak, loggingIn } from './real-login.ts'

/** How long an access token lives here, in seconds. */
const life = 3
/** A token counts as ended when a tenth of its life is left. */
const shortestLifeMs = life * 900
const expiries = 5
const crowd = Array.from({ length: 8 })

/** An entry in the realm's book of what happened. */
interface Event {
  readonly type: string
  /** Epoch milliseconds. */
  readonly time: number
}

/** A client of its own, and what Keycloak notes of its refreshes, the first one first. */
async function noted(
  at: KeycloakRealm,
): Promise<{ readonly clientId: string; readonly events: () => Promise<readonly Event[]> }> {
  const types = ['REFRESH_TOKEN', 'REFRESH_TOKEN_ERROR']
  await at.admin('PUT', '/events/config', { eventsEnabled: true, enabledEventTypes: types })
  const clientId = await at.client({
    publicClient: true,
    standardFlowEnabled: true,
    redirectUris: ['http://127.0.0.1/callback'],
    attributes: { 'access.token.lifespan': String(life) },
  })
  const events = async (): Promise<readonly Event[]> =>
    ((await at.admin('GET', `/events?client=${clientId}&max=100`)) as readonly Event[]).toReversed()
  return { clientId, events }
}

atKeycloak('one rotating offline token, of which a second use would end the login', (at, browser) => {
  test('is used once each time its access token has ended, by 8 processes at a time', async () => {
    const own = home()
    const { username } = await at.user()
    const { clientId, events } = await noted(at)
    const login = await loggingIn(own, at.issuer, '--client-id', clientId)
    const page = await browser.page()
    await page.goto(await login.address())
    await signIn(page, username)
    await login.ended(0)

    const tokens = new Set<string>()
    for (let expiry = 0; expiry < expiries; expiry++) {
      await delay(life * 1000)
      const said = await Promise.all(crowd.map(() => auth(['token'], own)))
      expect(said.map(({ code, stderr }) => [code, stderr])).toEqual(crowd.map(() => [0, '']))
      for (const { stdout } of said) tokens.add(stdout)
    }
    const refreshes = await events()
    expect(new Set(refreshes.map(({ type }) => type))).toEqual(new Set(['REFRESH_TOKEN']))
    expect(refreshes.length).toBeGreaterThanOrEqual(expiries)
    expect(tokens.size).toBe(refreshes.length)
    // A slow machine may see more expiries than it waited for; what counts is that no token was renewed before its end.
    const pauses = refreshes.slice(1).map(({ time }, at) => time - (refreshes[at]?.time ?? 0))
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(shortestLifeMs)
    const who = await auth(['whoami'], own)
    expect(who).toMatchObject({ code: 0, stderr: '' })
    expect(who.stdout).toContain(`${username}@example.test`)
  })
})
