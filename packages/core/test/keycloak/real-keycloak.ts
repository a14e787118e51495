import type { Fetch } from '@latchkey/core'
import { type KeycloakRealm, keycloakRealm } from '@latchkey/testkit'
import { describe, inject } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

const place = inject('keycloak')

/** Tests that talk to a real Keycloak; skipped where the run has none (`LATCHKEY_KEYCLOAK`, see scripts/ci/peers.ts). */
export function onKeycloak(name: string, tests: (realm: KeycloakRealm) => void): void {
  describe.skipIf(place === undefined)(`Keycloak 26.5: ${name}`, () => {
    // Where it is skipped the tests are only collected.
    tests(place === undefined ? ({} as KeycloakRealm) : keycloakRealm(place))
  })
}

/** The claims of a JWT, unverified. */
export function claimsOf(jwt = ''): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

/** What somebody is told who asked in vain: the code and the line, with the address as KEYCLOAK. */
export async function told(work: Promise<unknown>): Promise<string> {
  const { code, message } = await thrown(work)
  return `${code}: ${message}`.replaceAll(new URL(place?.origin ?? '').host, 'KEYCLOAK')
}

/** The platform's fetch, and how many requests went to addresses that end so. */
export function counting(): { readonly fetch: Fetch; sent(end: string): number } {
  const urls: string[] = []
  return {
    fetch: (input, init) => {
      urls.push(input)
      return globalThis.fetch(input, init)
    },
    sent: (end) => urls.filter((url) => url.endsWith(end)).length,
  }
}
