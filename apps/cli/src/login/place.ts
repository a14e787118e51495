import { type Client, client as clientOf, type LoginKey } from '@latchkey/core'
import type { LoopbackRedirect } from '@latchkey/login'
import { issuerTable, type KnownIssuer } from '@latchkey/login/issuers'
import { clientSecret } from '../client-secret.ts'
import type { Context } from '../command.ts'
import { answerTo } from '../prompt.ts'
import { quoted } from '../quoted.ts'
import { allLogins } from '../stored-login.ts'
import { canonicalIssuer, isSameIssuer, type Target } from '../target.ts'
import { UsageError } from '../usage-error.ts'
import type { LoginRequest } from './login-request.ts'
import { loopbackAddress } from './loopback-address.ts'
import { registeredClient } from './register-client.ts'
import { type KeptClient, registrations } from './registrations.ts'

/** Which login it will be, and what belongs to its client. */
export interface Place {
  readonly key: LoginKey
  readonly secret: string | undefined
  readonly redirect: LoopbackRedirect | false
  readonly row: KnownIssuer | undefined
  /** What its logins ask for, where it was registered from here for that. */
  readonly scope: string | undefined
}

/** The issuer as another tool may have spelled it. */
export async function issuerOf(target: Target, context: Context): Promise<string> {
  const stored = (await allLogins(context.store())).find((key) => isSameIssuer(key.issuer, target))
  return stored?.issuer ?? canonicalIssuer(target.issuer)
}

/** The client where only one can be meant: that of the name, the one registered from here, the only one with a login. */
async function knownClientId(target: Target, issuer: string, context: Context): Promise<string | undefined> {
  if (target.clientId !== undefined) return target.clientId
  const own = await registrations({ env: context.io.env }).get(issuer)
  if (own !== undefined) return own.clientId
  const stored = (await allLogins(context.store())).filter((key) => isSameIssuer(key.issuer, target))
  const [only, ...others] = new Set(stored.map(({ clientId }) => clientId))
  return others.length === 0 ? only : undefined
}

async function askedClientId({ row, typed }: Target, issuer: string, { io }: Context): Promise<string> {
  const advice = row?.notes === undefined ? 'Who runs the service gives it out.' : row.notes
  if ((await io.isTerminal(0)) && (await io.isTerminal(2))) {
    const answer = (await answerTo(`${advice}\nClient id at ${issuer}: `, io))?.trim()
    if (answer) return answer
  }
  const text = `Which client at ${issuer}? Add --client-id ID, or --register. ${advice}`
  throw new UsageError(`${text} For an openEO back-end: auth oidc-auth ${quoted(typed)}`)
}

/** The row that a client has in the table, by whatever it was asked for. */
function rowOf(target: Target, { issuer, clientId }: LoginKey, env: Context['io']['env']): KnownIssuer | undefined {
  if (target.row !== undefined) return target.row
  const same = (row: KnownIssuer): boolean =>
    row.issuer !== undefined && canonicalIssuer(row.issuer) === canonicalIssuer(issuer)
  return issuerTable({ env }).find((row) => row.clientId === clientId && same(row))
}

/** Where a client may be answered: where it was registered from here, where its row says, else anywhere. */
function redirectOf(
  key: LoginKey,
  row: KnownIssuer | undefined,
  own: KeptClient | undefined,
  request: LoginRequest,
): LoopbackRedirect | false {
  const listed = row?.clientId === undefined || row.clientId === key.clientId ? row?.redirect : undefined
  const known = own === undefined ? listed : loopbackAddress(own.redirectUris)
  if (request.ports === undefined) return known ?? {}
  return { ...(known || undefined), ports: request.ports }
}

/**
 * Which login is meant, at an issuer. Registers a client where that was asked for.
 *
 * @throws UsageError where nothing says which client
 */
export async function placeOf(
  target: Target,
  request: LoginRequest,
  scope: (client: Client) => Promise<string>,
  context: Context,
): Promise<Place> {
  const { io, fetch } = context
  const issuer = await issuerOf(target, context)
  let clientId = request.clientId
  if (request.register) {
    const asking = clientOf({ issuer, clientId: 'unregistered', fetch })
    const at = target.row?.redirect || undefined
    clientId = (await registeredClient(asking, { request, scope: await scope(asking), at }, context)).clientId
  }
  clientId ??= (await knownClientId(target, issuer, context)) ?? (await askedClientId(target, issuer, context))
  const key = { issuer, clientId, ...(request.account !== undefined && { account: request.account }) }
  const row = rowOf(target, key, io.env)
  const secret = await clientSecret(key, request.secretFile, io)
  const kept = await registrations({ env: io.env }).get(issuer)
  const own = kept?.clientId === clientId ? kept : undefined
  return { key, secret, redirect: redirectOf(key, row, own, request), row, scope: own?.scope }
}
