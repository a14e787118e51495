import { AuthError, type IssuerError, isAuthError, type TokenSource } from '@latchkey/core'

/** What an issuer says of a renewal that options of the command line may mend. */
const advice: ReadonlyMap<string | undefined, (loginCommand: string) => string> = new Map([
  ['invalid_client', () => 'Where the client has a secret: --client-secret-file FILE, or LATCHKEY_CLIENT_SECRET.'],
  ['unauthorized_client', () => 'Where the client has a secret: --client-secret-file FILE, or LATCHKEY_CLIENT_SECRET.'],
  ['invalid_scope', (loginCommand: string) => `To have more granted: ${loginCommand} --scope WORDS`],
])

/** A source whose refusals say what to type. */
export function withAdvice(source: TokenSource, loginCommand: string): TokenSource {
  return {
    getToken: async (options) => {
      try {
        return await source.getToken(options)
      } catch (error) {
        const known = isAuthError(error) && error.code === 'CONFIG_INVALID' && 'refusal' in error
        const next = known ? advice.get((error as IssuerError).refusal.error)?.(loginCommand) : undefined
        throw known && next !== undefined
          ? new AuthError(error.code, `${error.message} ${next}`, { cause: error })
          : error
      }
    },
  }
}
