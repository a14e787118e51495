import { type Client, stateOf } from '../client/client.ts'
import { AuthError } from '../errors.ts'
import { issuerError } from '../issuer/issuer-error.ts'
import { type HttpTo, isAllowedUrl } from '../issuer/issuer-fetch.ts'
import { jsonObject, textOf } from '../issuer/json.ts'
import { showable } from '../issuer/redact.ts'
import { deviceRepairs, repaired } from '../issuer/repairs.ts'
import { postForm } from '../issuer/token-request.ts'

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

/** A device login that waits for its person (RFC 8628 section 3.2). The device code is a secret. */
export interface DeviceAuthorization {
  readonly deviceCode: string
  readonly prompt: DevicePrompt
  readonly lifetimeMs: number
  readonly intervalMs: number
}

/** No person takes longer, whatever the issuer says. */
const longestLifetimeMs = 3_600_000

/** What is longer is no address that a person could be shown. */
const longestUri = 2048

/**
 * Asks for a device code (RFC 8628 section 3.1).
 *
 * @throws what `postForm` and `issuerError` say; `RESPONSE_INVALID` for an answer without codes or an address to go to
 */
export async function authorizeDevice(
  client: Client,
  form: URLSearchParams,
  signal?: AbortSignal,
): Promise<DeviceAuthorization> {
  const { access } = stateOf(client)
  const answer = await postForm(client, 'device_authorization_endpoint', form, { signal })
  const body = jsonObject(answer.text)
  const deviceCode = textOf(body, 'device_code')
  const refused = answer.status < 200 || answer.status > 299 || (textOf(body, 'error') && deviceCode === undefined)
  // A request that the issuer cannot use is one that the client's registration has otherwise; Keycloak before 26 says
  // invalid_grant of a client that may not do this.
  const meanings = { invalid_request: 'CONFIG_INVALID', invalid_grant: 'CONFIG_INVALID' } as const
  if (refused) throw issuerError(answer, 'The device login', access.clock.now(), { meanings })
  const members = repaired(body ?? {}, deviceRepairs)
  const userCode = textOf(members, 'user_code')
  const verificationUri = shownUri(textOf(members, 'verification_uri'), access.http)
  if (userCode === undefined || deviceCode === undefined || verificationUri === undefined) {
    throw new AuthError(
      'RESPONSE_INVALID',
      `The device answer of ${client.issuer} lacks a code or an https address to type it at. Tell its operators.`,
    )
  }
  const complete = shownUri(textOf(members, 'verification_uri_complete'), access.http)
  const lifetimeMs = Math.min(Number(members['expires_in']) * 1000, longestLifetimeMs)
  const prompt = Object.freeze({
    userCode: showable(userCode),
    verificationUri,
    ...(complete !== undefined && { verificationUriComplete: complete }),
    expiresAt: access.clock.now() + lifetimeMs,
  })
  return { deviceCode, prompt, lifetimeMs, intervalMs: Number(members['interval']) * 1000 }
}

/** The address as WHATWG spells it, if a browser may be sent there: never `javascript:`, `file:` and their like. */
function shownUri(uri: string | undefined, http: HttpTo): string | undefined {
  if (uri === undefined || !isAllowedUrl(uri, http)) return undefined
  // One character may become twelve.
  const { href } = new URL(uri)
  return href.length > longestUri ? undefined : href
}
