import { randomUUID } from 'node:crypto'
import type { SentBack } from '../provider/sign-in.ts'
import { type AdminCall, adminCall } from './admin.ts'
import { approveAtKeycloak, type PersonOptions, signInAtKeycloak } from './person.ts'
import { password, realm, realmName, realmUser } from './realm.ts'
import { type ClientRepresentation, type RealmSecrets, realmSecrets } from './realm-clients.ts'

/** A person made for one test: what happens to them happens to nobody else. */
export interface KeycloakUser {
  readonly id: string
  readonly username: string
}

/** What a login brings that no page was needed for. */
export interface KeycloakLogin {
  readonly accessToken: string
  readonly refreshToken: string
}

/** Whose login, and for what. */
export interface KeycloakIssueOptions {
  /** A public client; default `script`. */
  readonly clientId?: string | undefined
  /** Default `marie`. */
  readonly username?: string | undefined
  /** Default `openid offline_access`. */
  readonly scope?: string | undefined
}

/** What another process needs to use a running Keycloak and its realm: plain data. */
export interface KeycloakPlace extends RealmSecrets {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string
  /** Whether Keycloak reaches people on their phones (CIBA); not where somebody else started it. */
  readonly phones: boolean
}

/** The realm `latchkey` of a running Keycloak. */
export interface KeycloakRealm extends KeycloakPlace {
  readonly issuer: string
  /** The admin REST API, with addresses below `/admin/realms/latchkey`. */
  readonly admin: AdminCall
  /** A new person, who may have offline tokens. */
  user(): Promise<KeycloakUser>
  /** A new client, like one of the realm's with other settings; gives its client id. */
  client(settings: Omit<ClientRepresentation, 'clientId'>): Promise<string>
  /** The id by which the admin API knows a client. */
  idOf(clientId: string): Promise<string>
  /** A login made by password, for tests of what comes after one. */
  issue(options?: KeycloakIssueOptions): Promise<KeycloakLogin>
  /** Signs in at an authorization address as a person would, through the pages; gives what the browser would bring back. */
  signIn(address: string, options?: PersonOptions): Promise<SentBack>
  /** Approves (or denies) a device login through the pages. */
  approve(verificationUriComplete: string, options?: PersonOptions): Promise<void>
}

/** Makes the realm anew in a running Keycloak. */
export async function importRealm(origin: string, phones = false): Promise<KeycloakPlace> {
  const call = adminCall(origin)
  const realms = (await call('GET', '/realms?briefRepresentation=true')) as readonly { readonly realm: string }[]
  if (realms.some((one) => one.realm === realmName)) await call('DELETE', `/realms/${realmName}`)
  const secrets = realmSecrets()
  await call('POST', '/realms', realm(secrets))
  return { origin, phones, ...secrets }
}

/** The realm, from any process. */
export function keycloakRealm(place: KeycloakPlace): KeycloakRealm {
  const issuer = `${place.origin}/realms/${realmName}`
  const call = adminCall(place.origin)
  const admin: AdminCall = (method, path, body) => call(method, `/realms/${realmName}${path}`, body)
  return {
    ...place,
    issuer,
    admin,
    user: async () => {
      const username = `person-${randomUUID()}`
      return { id: String(await admin('POST', '/users', realmUser(username))), username }
    },
    client: async (settings) => {
      const clientId = `client-${randomUUID()}`
      await admin('POST', '/clients', { clientId, ...settings })
      return clientId
    },
    idOf: async (clientId) => {
      const [found] = (await admin('GET', `/clients?clientId=${clientId}`)) as readonly { readonly id: string }[]
      if (found === undefined) throw new Error(`Keycloak has no client ${clientId}.`)
      return found.id
    },
    issue: (options) => issue(issuer, options),
    signIn: signInAtKeycloak,
    approve: approveAtKeycloak,
  }
}

async function issue(issuer: string, options: KeycloakIssueOptions = {}): Promise<KeycloakLogin> {
  const { clientId = 'script', username = 'marie', scope = 'openid offline_access' } = options
  const body = new URLSearchParams({ grant_type: 'password', client_id: clientId, username, password, scope })
  const answer = await fetch(`${issuer}/protocol/openid-connect/token`, { method: 'POST', body })
  const said = (await answer.json()) as { access_token?: string; refresh_token?: string; error_description?: string }
  const { access_token: accessToken, refresh_token: refreshToken } = said
  if (accessToken !== undefined && refreshToken !== undefined) return { accessToken, refreshToken }
  throw new Error(`Keycloak gives ${username} no login for ${clientId}: ${answer.status} ${said.error_description}`)
}
