import type OidcProvider from 'oidc-provider'
import type { errors as Errors } from 'oidc-provider'

const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange'
const accessToken = 'urn:ietf:params:oauth:token-type:access_token'

interface Params {
  readonly subject_token?: string
  readonly subject_token_type?: string
  readonly scope?: string
  readonly audience?: string
}

/** Token exchange (RFC 8693), which oidc-provider leaves to its users: an access token for another one with less scope. */
export function addTokenExchange(oidc: OidcProvider, errors: typeof Errors): void {
  oidc.registerGrantType<Params>(
    grantType,
    async (ctx) => {
      const { params, client } = ctx.oidc
      if (params.subject_token_type !== accessToken) throw new errors.InvalidRequest('unknown subject_token_type')
      const subject = await oidc.AccessToken.find(params.subject_token ?? '')
      if (subject === undefined) throw new errors.InvalidRequest('the subject token is not known')
      const granted = new Set(subject.scope?.split(' '))
      const scope = params.scope ?? subject.scope ?? ''
      if (scope.split(' ').some((word) => !granted.has(word))) throw new errors.InvalidScope('too wide', scope)
      const { accountId, grantId } = subject
      const token = new oidc.AccessToken({ client, accountId, grantId, scope, gty: 'token-exchange' })
      if (params.audience !== undefined) token.setAudience(params.audience)
      ctx.body = {
        access_token: await token.save(),
        issued_token_type: accessToken,
        token_type: 'Bearer',
        expires_in: token.expiration,
        scope,
      }
    },
    [
      'subject_token',
      'subject_token_type',
      'requested_token_type',
      'actor_token',
      'actor_token_type',
      'scope',
      'audience',
    ],
  )
}
