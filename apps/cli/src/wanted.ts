import { isAuthError, type LoginKey, normalizeIssuer } from '@latchkey/core'
import type { StoredBackend } from '@latchkey/openeo/known-backends'
import type { Arguments } from './args.ts'
import type { Context } from './command.ts'
import { allLogins, type Wanted } from './stored-login.ts'
import { canonicalIssuer, isSameIssuer, type Target, targetOf } from './target.ts'

/** The login that a command line names. */
export function wantedLogin({ operands, values }: Arguments, { env }: Context['io']): Wanted {
  const [typed] = operands
  return {
    target: typed === undefined ? undefined : targetOf(typed, env),
    clientId: values.get('client-id'),
    account: values.get('account'),
  }
}

/** The same where an openEO back-end may stand for its issuer: no stored login is at that address, and the files know the back-end. */
export async function wantedAt(args: Arguments, context: Context): Promise<Wanted> {
  const wanted = wantedLogin(args, context.io)
  const { target } = wanted
  if (target === undefined) return wanted
  const logins = await allLogins(context.store())
  if (logins.some(({ issuer }) => isSameIssuer(issuer, target))) return wanted
  const backend = await backendAt(target, logins, context)
  if (backend === undefined) return wanted
  if (backend.method === 'basic') return { ...wanted, backend }
  const { issuer, clientId } = backend
  const there: Target = { ...target, issuer: normalizeIssuer(issuer), ...(clientId && { clientId }), schemeless: false }
  return { ...wanted, target: there, backend }
}

async function backendAt(
  { typed }: Target,
  logins: readonly LoginKey[],
  { io }: Context,
): Promise<StoredBackend | undefined> {
  const { storedBackend } = await import('@latchkey/openeo/known-backends')
  const isLoggedIn = (issuer: string, clientId: string | undefined): boolean =>
    logins.some(
      (key) =>
        canonicalIssuer(key.issuer) === canonicalIssuer(issuer) &&
        (clientId === undefined || key.clientId === clientId),
    )
  try {
    return await storedBackend(typed, { env: io.env, isLoggedIn })
  } catch (error) {
    // What is no address of a back-end may still be one of an issuer.
    if (isAuthError(error) && error.code === 'CONFIG_INVALID') return undefined
    throw error
  }
}
