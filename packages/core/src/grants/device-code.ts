import { type Client, stateOf } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import { issuerError } from '../issuer/issuer-error.ts'
import { isAllowedUrl } from '../issuer/issuer-fetch.ts'
import { jsonObject, textOf } from '../issuer/json.ts'
import { showable } from '../issuer/redact.ts'
import { deviceRepairs, repaired } from '../issuer/repairs.ts'
import { tokenSetOf } from '../issuer/token-answer.ts'
import { formOf, postForm } from '../issuer/token-request.ts'
import type { GrantRequest } from './client-credentials.ts'
import { pollForTokens } from './device-poll.ts'
import type { Grant } from './grant.ts'
import { type ProofKey, proofKey } from './pkce.ts'

/** What a person needs to approve the login. All of it comes from the issuer: checked to be an http(s) address, control characters escaped. */
export interface DevicePrompt {
  /** Where to type the code. */
  readonly verificationUri: string
  /** As the issuer gave it; may begin with `-`. */
  readonly userCode: string
  /** The address with the code in it, where the issuer gives one. */
  readonly verificationUriComplete?: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** How a device login is run. */
export interface DeviceCodeOptions extends GrantRequest {
  /** Shows the person where to go; polling has begun by then and goes on meanwhile. If it rejects, the login ends with that. */
  readonly prompt: (prompt: DevicePrompt) => void | Promise<void>
  /** Sends a proof key (RFC 7636), which issuers demand of some clients; default false: some refuse what they do not know. */
  readonly pkce?: boolean | undefined
}

interface DeviceAuthorization extends DevicePrompt {
  readonly deviceCode: string
  readonly intervalMs: number
}

const grantType = 'urn:ietf:params:oauth:grant-type:device_code'

/**
 * A person logs in on any device with a browser (RFC 8628). Network trouble keeps polling; the code's end, an abort
 * and a refusal end it.
 *
 * @throws `LOGIN_DENIED`, `LOGIN_EXPIRED`, `UNSUPPORTED` (no device endpoint), `CONFIG_INVALID`, `RESPONSE_INVALID`, `DISCOVERY_FAILED`; before polling also `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`
 */
export function deviceCode(client: Client, options: DeviceCodeOptions): Grant {
  const request: GrantRequest = { ...options, scope: options.scope ?? client.scope }
  return async ({ signal, stepUp } = {}) => {
    const { clock } = stateOf(client).access
    const key = options.pkce ? await proofKey() : undefined
    const asked = stepUp?.scope === undefined ? request : { ...request, scope: joined(request.scope, stepUp.scope) }
    const device = await authorize(client, asked, key, signal)
    const form = formOf(
      { grant_type: grantType, device_code: device.deviceCode, ...(key && { code_verifier: key.verifier }) },
      // INDIGO IAM drops the audience of the device request and takes the one of the poll.
      { audience: request.audience },
      request.parameters,
    )
    const text = await pollForTokens(client, form, device, { prompt: options.prompt, signal })
    const receivedAt = clock.now()
    return tokenSetOf(client, text, { receivedAt, scope: asked.scope, signature: true }, signal)
  }
}

const joined = (one: string | undefined, other: string): string =>
  [...new Set(`${one ?? ''} ${other}`.trim().split(/ +/))].join(' ')

async function authorize(
  client: Client,
  request: GrantRequest,
  key: ProofKey | undefined,
  signal?: AbortSignal,
): Promise<DeviceAuthorization> {
  const { access } = stateOf(client)
  const proof = key === undefined ? {} : { code_challenge: key.challenge, code_challenge_method: 'S256' }
  // The client id stands in the form even with Basic: INDIGO IAM answers 400 without it.
  const form = formOf({ client_id: client.clientId, ...proof }, request, request.parameters)
  const answer = await postForm(client, 'device_authorization_endpoint', form, signal)
  if (answer.status < 200 || answer.status > 299) throw issuerError(answer, 'The device login', access.clock.now())
  const members = repaired(jsonObject(answer.text) ?? {}, deviceRepairs)
  const userCode = textOf(members, 'user_code')
  const deviceCode = textOf(members, 'device_code')
  const verificationUri = shownUri(textOf(members, 'verification_uri'), access.allowHttp)
  if (userCode === undefined || deviceCode === undefined || verificationUri === undefined) {
    throw new AuthError(
      'RESPONSE_INVALID',
      `The device answer of ${client.issuer} lacks a code or an http(s) address to type it at.`,
    )
  }
  const complete = shownUri(textOf(members, 'verification_uri_complete'), access.allowHttp)
  return {
    deviceCode,
    userCode: showable(userCode),
    verificationUri,
    ...(complete !== undefined && { verificationUriComplete: complete }),
    expiresAt: access.clock.now() + Number(members['expires_in']) * 1000,
    intervalMs: Number(members['interval']) * 1000,
  }
}

/** The address as WHATWG spells it, if a browser may be sent there: never `javascript:`, `file:` and their like. */
function shownUri(uri: string | undefined, allowHttp: boolean): string | undefined {
  return uri !== undefined && isAllowedUrl(uri, allowHttp) ? new URL(uri).href : undefined
}
