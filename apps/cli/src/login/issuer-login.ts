import { type Client, client as clientOf, type Grant, type Session, session, type TokenSet } from '@latchkey/core'
import type { Context } from '../command.ts'
import { within } from '../deadline.ts'
import type { Target } from '../target.ts'
import type { LoginRequest } from './login-request.ts'
import { type Made, storedAs } from './made.ts'
import { type Asked, personGrant } from './person-grant.ts'
import { type Place, placeOf } from './place.ts'
import { endReplaced } from './replaced.ts'
import { audienceFor, scopeFor, scopeToRegister } from './scope-for.ts'

/** Waits for a person, and for no longer than was said. */
function granted(grant: Grant, request: LoginRequest, { io }: Context): Promise<TokenSet> {
  return within(request.timeoutMs, io, (signal) => grant({ signal }))
}

/** Everything that is known about a login before its person is asked. */
interface Ready {
  readonly place: Place
  readonly target: Target
  readonly request: LoginRequest
}

async function grantBy(client: Client, { place, target, request }: Ready, context: Context): Promise<Grant> {
  const { secret, redirect, scope = target.scope } = place
  const asked: Asked = {
    scope: await scopeFor(client, { scope }, request, context.io.interruption()),
    audience: audienceFor(target, request),
    pkce: request.pkce ?? (target.pkce && secret === undefined),
    redirect,
  }
  return personGrant(client, asked, request, context)
}

/** A login at an issuer, as a person asked for it; kept, unless that was not wanted. */
export async function issuerLogin(target: Target, request: LoginRequest, context: Context): Promise<Made> {
  const { io, fetch } = context
  const place = await placeOf(
    target,
    request,
    (client) => scopeToRegister(client, target, request, io.interruption()),
    context,
  )
  const { key, secret } = place
  const ready = { place, target, request }
  if (!request.stores) {
    const client = clientOf({ issuer: key.issuer, clientId: key.clientId, clientSecret: secret, fetch })
    return { key, set: await granted(await grantBy(client, ready, context), request, context) }
  }
  const store = context.store()
  const login = session({ ...key, clientSecret: secret, store, fetch })
  const before = await store.get(key)
  const set = await keptBy(login, await grantBy(login.client, ready, context), request, context)
  await endReplaced(login.client, before, await store.get(key), context)
  return storedAs(key, set, context)
}

/** Logs in, and gives what came beside what is kept: who it is. */
async function keptBy(
  login: Session,
  grant: Grant,
  { timeoutMs }: LoginRequest,
  { io }: Context,
): Promise<TokenSet | undefined> {
  let came: TokenSet | undefined
  const told: Grant = async (how) => (came = await grant(how))
  await within(timeoutMs, io, (signal) => login.login({ grant: told, signal }))
  return came
}
