import { client, isAuthError } from '@latchkey/core'
import { storedBackend } from '@latchkey/openeo/known-backends'
import type { Context } from '../command.ts'
import { quoted } from '../quoted.ts'
import type { Target } from '../target.ts'
import { advised } from './advice.ts'
import { backendAt, backendLogin } from './backend-login.ts'
import { issuerLogin } from './issuer-login.ts'
import type { LoginRequest } from './login-request.ts'
import type { Made } from './made.ts'
import { issuerOf } from './place.ts'

/** Whether the files know an address as that of an openEO back-end with a provider. */
async function isStoredBackend({ typed, row }: Target, { io }: Context): Promise<boolean> {
  if (row !== undefined) return false
  try {
    return (await storedBackend(typed, { env: io.env }))?.method === 'oidc'
  } catch (error) {
    if (isAuthError(error) && error.code === 'CONFIG_INVALID') return false
    throw error
  }
}

/** What says the same once more, as far as it says which login is meant, and for what. */
function againText({ typed, row }: Target, request: LoginRequest): string {
  const kind = row !== undefined && row.issuer === undefined ? [row.name] : []
  const said: readonly (readonly [string, string | undefined])[] = [
    ['--client-id', request.clientId],
    ['--account', request.account],
    ['--client-secret-file', request.secretFile],
    ['--scope', request.scope],
    ['--audience', request.audience?.join(',')],
  ]
  const values = said.flatMap(([name, value]) => (value === undefined ? [] : [name, quoted(value)]))
  const switches = [...(request.register ? ['--register'] : []), ...(request.stores ? [] : ['--no-store'])]
  return ['auth login', ...kind, quoted(typed), ...values, ...switches].join(' ')
}

/** Logs a person in at what was typed: an issuer, by name or address, or an openEO back-end. */
export async function loginAt(target: Target, request: LoginRequest, context: Context): Promise<Made> {
  const { typed, row } = target
  const issuer = await issuerOf(target, context)
  try {
    if (await isStoredBackend(target, context)) {
      const { connected } = await import('../openeo.ts')
      return await backendLogin(await connected(typed, context), request, context)
    }
    try {
      await client({ issuer, clientId: 'unknown', fetch: context.fetch }).metadata({
        signal: context.io.interruption(),
      })
    } catch (error) {
      if (!isAuthError(error) || error.code !== 'DISCOVERY_FAILED' || row !== undefined) throw error
      const there = await backendAt(typed, context)
      if (there === undefined) throw error
      return await backendLogin(there, request, context)
    }
    return await issuerLogin(target, request, context)
  } catch (error) {
    throw advised(error, { typed: quoted(typed), again: againText(target, request) }, context.io.env)
  }
}
