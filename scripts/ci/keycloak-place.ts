import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the distribution lies where nobody says otherwise. */
const usual = '/opt/keycloak-26.5.0'

/**
 * The Keycloak of a run: `LATCHKEY_KEYCLOAK` names an unpacked distribution, or the origin of one that runs already
 * (`http://127.0.0.1:PORT`, bootstrapped with admin and admin; its realm `latchkey` is made anew). Without it the usual
 * place, in runs at full size only: it takes 20 s to start, which nobody pays who did not ask for it.
 */
export function keycloakPlace(): { readonly home: string } | { readonly origin: string } | undefined {
  const named = process.env['LATCHKEY_KEYCLOAK']
  if (named?.startsWith('http')) return { origin: new URL(named).origin }
  if (named === undefined && process.env['LATCHKEY_SCALE'] !== 'full') return undefined
  const home = named ?? usual
  return existsSync(join(home, 'bin', 'kc.sh')) ? { home } : undefined
}
