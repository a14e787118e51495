/** Who a login is, as far as claims say it (OpenID Connect Core section 5.1). */
export interface Person {
  readonly sub: string | undefined
  readonly name: string | undefined
  readonly email: string | undefined
  readonly groups: readonly string[]
}

// Groups have no standard name: Keycloak and INDIGO IAM, the WLCG profile, AARC-G069, eduPerson.
const groupClaims = ['groups', 'wlcg.groups', 'entitlements', 'eduperson_entitlement']

type Claims = Readonly<Record<string, unknown>>

const textIn = (claims: Claims, ...names: readonly string[]): string | undefined => {
  const found = names.map((name) => claims[name]).find((value) => typeof value === 'string' && value !== '')
  return found as string | undefined
}

/** The person in a set of claims. */
export function personIn(claims: Claims): Person {
  const groups = groupClaims.map((name) => claims[name]).find((value) => Array.isArray(value) && value.length > 0)
  return {
    sub: textIn(claims, 'sub'),
    name: textIn(claims, 'name', 'preferred_username', 'nickname'),
    email: textIn(claims, 'email'),
    groups: ((groups ?? []) as readonly unknown[]).filter((group) => typeof group === 'string'),
  }
}
