import type OidcProvider from 'oidc-provider'
import type { Configuration, errors as Errors } from 'oidc-provider'
import type { ApproveOptions } from './approve.ts'

/** A login that a person was asked for on their own device. */
export type AskedLogin = InstanceType<OidcProvider['BackchannelAuthenticationRequest']>

/** OpenID Connect CIBA in poll mode: any name but `nobody` is a person, and what they are asked is kept for {@link answerAsked}. */
export function cibaFeature(asked: AskedLogin[]): NonNullable<Configuration['features']>['ciba'] {
  return {
    enabled: true,
    deliveryModes: ['poll'],
    processLoginHint: (_ctx, hint) => (hint === 'nobody' ? undefined : hint),
    processLoginHintToken: () => undefined,
    validateBindingMessage: () => undefined,
    validateRequestContext: () => undefined,
    verifyUserCode: () => undefined,
    triggerAuthenticationDevice: (_ctx, request) => {
      asked.push(request)
    },
  }
}

/** Agrees or refuses as the person who was asked the longest ago. */
export async function answerAsked(
  oidc: OidcProvider,
  asked: AskedLogin[],
  refusal: InstanceType<typeof Errors.AccessDenied>,
  { deny = false }: ApproveOptions = {},
): Promise<void> {
  const request = asked.shift()
  if (request === undefined) throw new Error('Nobody was asked to log in.')
  if (deny) return oidc.backchannelResult(request, refusal)
  const grant = new oidc.Grant({ accountId: request.accountId ?? '', clientId: request.clientId ?? '' })
  grant.addOIDCScope(request.scope ?? '')
  await grant.save()
  await oidc.backchannelResult(request, grant, { authTime: Math.floor(Date.now() / 1000) })
}
