import { AuthError } from '../errors.ts'
import type { Authorization, Authorizer, OutgoingRequest } from './authorizer.ts'

/**
 * Several APIs in one client: each request is answered by the first authorizer that serves it.
 *
 * @throws `CONFIG_INVALID` when two authorizers serve one origin: which of them is meant could not be told
 */
export function anyOf(authorizers: readonly Authorizer[]): Authorizer {
  const known = authorizers.flatMap((authorizer) => authorizer.origins ?? [])
  const twice = known.find((origin, index) => known.indexOf(origin) !== index)
  if (twice !== undefined)
    throw new AuthError('CONFIG_INVALID', `Two authorizers serve ${twice}. Give each origin one.`)
  const authorize = async (request: OutgoingRequest): Promise<Authorization | undefined> => {
    for (const authorizer of authorizers) {
      const authorization = await authorizer(request)
      if (authorization !== undefined) return authorization
    }
    return undefined
  }
  const complete = authorizers.every((authorizer) => authorizer.origins !== undefined)
  return complete ? Object.assign(authorize, { origins: Object.freeze(known) }) : authorize
}
