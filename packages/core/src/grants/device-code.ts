import { type Client, stateOf } from '../client/client.ts'
import { tokenSetOf } from '../issuer/token-answer.ts'
import { formOf } from '../issuer/token-request.ts'
import { authorizeDevice, type DevicePrompt } from './device-authorization.ts'
import type { Grant } from './grant.ts'
import type { GrantRequest } from './grant-request.ts'
import { proofKey } from './pkce.ts'
import { pollForTokens } from './poll.ts'
import { joinedScope, stepUpParameters } from './step-up-request.ts'

/** How a device login is run. */
export interface DeviceCodeOptions extends GrantRequest {
  /** Shows the person where to go; polling has begun by then and goes on meanwhile. If it throws or rejects, the login ends with that. */
  readonly prompt: (prompt: DevicePrompt) => void | Promise<void>
  /** Sends a proof key (RFC 7636), which issuers demand of some clients; default false: some refuse what they do not know. */
  readonly pkce?: boolean | undefined
}

const grantType = 'urn:ietf:params:oauth:grant-type:device_code'

/**
 * A person logs in on any device with a browser (RFC 8628). Network trouble keeps polling; the code's end (an hour at
 * most), an abort and a refusal end it. A step-up's scope is asked for on top of the request's own, which defaults to
 * the client's.
 *
 * @returns a grant that throws `LOGIN_DENIED`, `LOGIN_EXPIRED`, `UNSUPPORTED` (no device endpoint), `CONFIG_INVALID`, `RESPONSE_INVALID`, `DISCOVERY_FAILED`, `ABORTED`; before polling also `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`
 */
export function deviceCode(client: Client, options: DeviceCodeOptions): Grant {
  return async ({ signal, stepUp, dpopKey } = {}) => {
    const { clock } = stateOf(client).access
    const key = options.pkce ? await proofKey() : undefined
    const challenge = key && { code_challenge: key.challenge, code_challenge_method: 'S256' }
    const scope = joinedScope(options.scope ?? client.scope, stepUp?.scope)
    // The client id stands in the form even with Basic: INDIGO IAM answers 400 without it.
    const fixed = { client_id: client.clientId, ...challenge, ...stepUpParameters(stepUp) }
    const device = await authorizeDevice(client, formOf(fixed, { ...options, scope }, options.parameters), signal)
    const form = formOf(
      { grant_type: grantType, device_code: device.deviceCode, ...(key && { code_verifier: key.verifier }) },
      // INDIGO IAM drops the audience of the device request and takes the one of the poll.
      { audience: options.audience },
      options.parameters,
    )
    const shown = (): void | Promise<void> => options.prompt(device.prompt)
    const text = await pollForTokens(client, form, device, { shown, signal, dpopKey })
    return tokenSetOf(
      client,
      text,
      { receivedAt: clock.now(), scope, signature: true, dpop: dpopKey !== undefined },
      signal,
    )
  }
}
