import { AuthError, aborted } from '../errors.ts'
import { freezeToken, type Token } from './token.ts'
import type { GetTokenOptions, TokenSource } from './token-source.ts'

/**
 * A token that somebody else got and renews: from the environment, a CI system, a test. Handed out until it is
 * refused, whatever its `expiresAt` says.
 *
 * Its `getToken` throws `UNSUPPORTED` for a token that was refused, and where more is asked for.
 *
 * @throws `RESPONSE_INVALID` when no header can carry the token
 */
export function staticToken(token: string | Token): TokenSource {
  const held = freezeToken(typeof token === 'string' ? { accessToken: token, tokenType: 'Bearer' } : token)
  const getToken = async ({ signal, rejected, stepUp }: GetTokenOptions = {}): Promise<Token> => {
    if (signal?.aborted) throw aborted(signal)
    if (stepUp !== undefined) {
      throw new AuthError('UNSUPPORTED', 'The API asks for a stronger or wider login, which a fixed token cannot give.')
    }
    if (rejected !== undefined && rejected.accessToken === held.accessToken) {
      throw new AuthError(
        'UNSUPPORTED',
        'The API refused a fixed token, and there is no way to renew it: set a new one.',
      )
    }
    return held
  }
  return { getToken }
}
