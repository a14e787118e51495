import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { requestBody } from '../request-body.ts'
import { consentPage, loginPage } from './pages.ts'

interface Missing {
  readonly missingOIDCScope?: readonly string[]
  readonly missingOIDCClaims?: string[]
  readonly missingResourceScopes?: Readonly<Record<string, readonly string[]>>
}

type Details = Awaited<ReturnType<Provider['interactionDetails']>>

async function consent(provider: Provider, details: Details): Promise<string> {
  const missing = details.prompt.details as Missing
  const known = details.grantId === undefined ? undefined : await provider.Grant.find(details.grantId)
  const accountId = details.session?.accountId ?? ''
  const grant = known ?? new provider.Grant({ accountId, clientId: String(details.params['client_id']) })
  if (missing.missingOIDCScope) grant.addOIDCScope(missing.missingOIDCScope.join(' '))
  if (missing.missingOIDCClaims) grant.addOIDCClaims(missing.missingOIDCClaims)
  for (const [resource, scopes] of Object.entries(missing.missingResourceScopes ?? {})) {
    grant.addResourceScope(resource, scopes.join(' '))
  }
  return grant.save()
}

/** The pages between "who are you" and "may it": GET shows the one that is due, POST answers it. */
export async function interaction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const details = await provider.interactionDetails(request, response)
  if (request.method === 'GET') {
    const action = request.url ?? ''
    const asked = details.params['scope']
    const scopes = typeof asked === 'string' ? asked.split(' ') : []
    response.setHeader('content-type', 'text/html; charset=utf-8')
    const consents = details.prompt.name === 'consent'
    response.end(consents ? consentPage(action, String(details.params['client_id']), scopes) : loginPage(action))
    return
  }
  const answer = new URLSearchParams((await requestBody(request)).toString())
  if (answer.get('prompt') === 'login') {
    const login = { accountId: answer.get('login') ?? '' }
    return provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false })
  }
  if (answer.has('refuse')) {
    const refused = { error: 'access_denied', error_description: 'The person refused.' }
    return provider.interactionFinished(request, response, refused, { mergeWithLastSubmission: false })
  }
  const grantId = await consent(provider, details)
  return provider.interactionFinished(request, response, { consent: { grantId } })
}
