import { importRealm, type KeycloakPlace, keycloak } from '@latchkey/testkit'
import type { TestProject } from 'vitest/node'
import { keycloakPlace } from './keycloak-place.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The realm of the run's Keycloak, for `keycloakRealm`; none where the run has none. */
    keycloak: KeycloakPlace | undefined
  }
}

/** One Keycloak for the whole run, where the run has one. */
export async function setup({ provide }: Pick<TestProject, 'provide'>): Promise<(() => Promise<void>) | undefined> {
  const place = keycloakPlace()
  if (place === undefined || 'origin' in place) {
    provide('keycloak', place && (await importRealm(place.origin)))
    return undefined
  }
  const { close, origin, phones, clientSecret, privateKey } = await keycloak(place)
  provide('keycloak', { origin, phones, clientSecret, privateKey })
  return close
}
