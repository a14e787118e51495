import { type ClientRepresentation, type RealmSecrets, realmClients } from './realm-clients.ts'

/** A realm as Keycloak's admin API takes it; what is absent has Keycloak's own default. Times in seconds. */
export interface RealmRepresentation {
  readonly realm: string
  readonly enabled: boolean
  /** A refresh token is good once. */
  readonly revokeRefreshToken: boolean
  /** How often it may be used again all the same. */
  readonly refreshTokenMaxReuse: number
  readonly passwordPolicy: string
  readonly accessTokenLifespan: number
  readonly oauth2DeviceCodeLifespan: number
  readonly oauth2DevicePollingInterval: number
  /** All values are texts, also numbers. */
  readonly attributes: Readonly<Record<string, string>>
  readonly users: readonly UserRepresentation[]
  readonly clients: readonly ClientRepresentation[]
}

/** A user as Keycloak's admin API takes it. Without names and an address the login pages would ask for them. */
export interface UserRepresentation {
  readonly username: string
  readonly enabled: boolean
  readonly email: string
  readonly emailVerified: boolean
  readonly firstName: string
  readonly lastName: string
  readonly credentials: readonly { readonly type: 'password'; readonly value: string; readonly temporary: boolean }[]
  readonly realmRoles?: readonly string[]
}

/** The name of the realm. */
export const realmName = 'latchkey'

/** The password of everybody in the realm. */
export const password = 'radioactivity'

/** A person of the realm. */
export function realmUser(username: string): UserRepresentation {
  return {
    username,
    enabled: true,
    email: `${username}@example.test`,
    emailVerified: true,
    firstName: username,
    lastName: 'Example',
    credentials: [{ type: 'password', value: password, temporary: false }],
  }
}

/**
 * The realm: each refresh token is good once, and its second use ends the login; device codes are polled every second.
 * `marie` may have offline tokens.
 */
export function realm(secrets: RealmSecrets): RealmRepresentation {
  return {
    realm: realmName,
    enabled: true,
    revokeRefreshToken: true,
    refreshTokenMaxReuse: 0,
    // Passwords of nobody: what guards them would cost 0.1 s at each login.
    passwordPolicy: 'hashAlgorithm(pbkdf2-sha256) and hashIterations(1)',
    accessTokenLifespan: 300,
    oauth2DeviceCodeLifespan: 600,
    oauth2DevicePollingInterval: 1,
    attributes: { cibaBackchannelTokenDeliveryMode: 'poll', cibaInterval: '1', cibaExpiresIn: '120' },
    users: [{ ...realmUser('marie'), realmRoles: [`default-roles-${realmName}`] }],
    clients: realmClients(secrets),
  }
}
