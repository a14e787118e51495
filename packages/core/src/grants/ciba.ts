import { type Client, stateOf } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import { issuerError, type Meanings } from '../issuer/issuer-error.ts'
import { jsonObject, textOf } from '../issuer/json.ts'
import { deviceRepairs, repaired } from '../issuer/repairs.ts'
import { tokenSetOf } from '../issuer/token-answer.ts'
import { formOf, postForm } from '../issuer/token-request.ts'
import type { Grant } from './grant.ts'
import type { GrantRequest } from './grant-request.ts'
import { type Awaited, pollForTokens } from './poll.ts'
import { joinedScope, stepUpParameters } from './step-up-request.ts'

/** What there is to tell while the person is asked on their own device. */
export interface CibaPrompt {
  /** Shown on both sides, so that the person knows which request is theirs. */
  readonly bindingMessage?: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** How a login on another device is run. Exactly one hint says who is to be asked (CIBA section 7.1). */
export interface CibaOptions extends GrantRequest {
  /** A name or an address that the issuer knows the person by. */
  readonly loginHint?: string | undefined
  /** A token that names the person, in a form that issuer and client agreed on. */
  readonly loginHintToken?: string | undefined
  /** An ID token of the person's. */
  readonly idTokenHint?: string | undefined
  /** A word or two that the person sees on both sides. */
  readonly bindingMessage?: string | undefined
  /** A secret that only the person knows, where the issuer wants one. */
  readonly userCode?: string | undefined
  /** Seconds that the request should stay open; default: as the issuer likes. */
  readonly requestedExpiry?: number | undefined
  /** Tells whoever waits; polling has begun by then. If it throws or rejects, the login ends with that. */
  readonly prompt?: ((prompt: CibaPrompt) => void | Promise<void>) | undefined
}

/** No person takes longer, whatever the issuer says. */
const longestLifetimeMs = 3_600_000

const endpoint = 'backchannel_authentication_endpoint'

/**
 * A person is asked on their own device, which the issuer reaches itself (OpenID Connect CIBA, poll mode). Network trouble
 * keeps polling, as in a device login. The scope always holds `openid`; a step-up's is asked for on top.
 *
 * @returns a grant that throws `LOGIN_DENIED`, `LOGIN_EXPIRED`, `UNSUPPORTED` (no such endpoint), `CONFIG_INVALID`, `RESPONSE_INVALID`, `DISCOVERY_FAILED`, `ABORTED`; before polling also `NETWORK`, `TIMEOUT`, `TLS`, `SERVER_ERROR`
 * @throws `CONFIG_INVALID` unless there is exactly one hint
 */
export function ciba(client: Client, options: CibaOptions): Grant {
  const { loginHint, loginHintToken, idTokenHint, bindingMessage } = options
  if ([loginHint, loginHintToken, idTokenHint].filter((hint) => hint !== undefined).length !== 1) {
    throw new AuthError('CONFIG_INVALID', 'Give one of loginHint, loginHintToken and idTokenHint: who is to be asked.')
  }
  return async ({ signal, stepUp, dpopKey } = {}) => {
    const { clock } = stateOf(client).access
    const scope = joinedScope(joinedScope('openid', options.scope ?? client.scope), stepUp?.scope)
    const form = formOf(requestOf(options, stepUpParameters(stepUp)), { ...options, scope }, options.parameters)
    const { id, awaited } = await begun(client, form, signal)
    const poll = formOf({ grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: id })
    const expiresAt = clock.now() + awaited.lifetimeMs
    const prompt = Object.freeze({ expiresAt, ...(bindingMessage !== undefined && { bindingMessage }) })
    const shown = (): void | Promise<void> => options.prompt?.(prompt)
    const text = await pollForTokens(client, poll, awaited, { shown, signal, dpopKey })
    const expected = { receivedAt: clock.now(), scope, signature: true, idToken: true, dpop: dpopKey !== undefined }
    return tokenSetOf(client, text, expected, signal)
  }
}

/** The names of CIBA section 7.1. */
function requestOf(options: CibaOptions, stepUp: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const named = {
    login_hint: options.loginHint,
    login_hint_token: options.loginHintToken,
    id_token_hint: options.idTokenHint,
    binding_message: options.bindingMessage,
    user_code: options.userCode,
    requested_expiry: options.requestedExpiry?.toString(),
    ...stepUp,
  }
  return Object.fromEntries(Object.entries(named).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

// CIBA section 13.
const meanings: Meanings = {
  invalid_request: 'CONFIG_INVALID',
  // Keycloak's word for a client that may not do this.
  invalid_grant: 'CONFIG_INVALID',
  unknown_user_id: 'CONFIG_INVALID',
  missing_user_code: 'CONFIG_INVALID',
  invalid_user_code: 'CONFIG_INVALID',
  invalid_binding_message: 'CONFIG_INVALID',
  expired_login_hint_token: 'CONFIG_INVALID',
}

/** Has the person asked (CIBA section 7). */
async function begun(
  client: Client,
  form: URLSearchParams,
  signal?: AbortSignal,
): Promise<{ readonly id: string; readonly awaited: Awaited }> {
  const answer = await postForm(client, endpoint, form, { signal })
  const body = jsonObject(answer.text)
  const id = textOf(body, 'auth_req_id')
  if (answer.status < 200 || answer.status > 299 || id === undefined) {
    throw issuerError(answer, 'The login on another device', stateOf(client).access.clock.now(), { meanings })
  }
  const members = repaired(body ?? {}, deviceRepairs)
  const lifetimeMs = Math.min(Number(members['expires_in']) * 1000, longestLifetimeMs)
  return { id, awaited: { lifetimeMs, intervalMs: Number(members['interval']) * 1000 } }
}
