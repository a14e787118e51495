import type { AuthErrorCode } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { issuerError, retryAfterOf } from '../../src/issuer/issuer-error.ts'
import type { RawAnswer } from '../../src/issuer/issuer-fetch.ts'

const now = Date.UTC(2026, 0, 1)

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): RawAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { url: 'https://iam.example.org/token', status, headers: new Headers(headers), text, secrets: [] }
}

const failure = (...parts: Parameters<typeof answer>): ReturnType<typeof issuerError> =>
  issuerError(answer(...parts), 'The refresh token grant', now)

describe('what an issuer refuses with', () => {
  const named: readonly (readonly [string, AuthErrorCode])[] = [
    ['access_denied', 'LOGIN_DENIED'],
    ['expired_token', 'LOGIN_EXPIRED'],
    ['invalid_grant', 'LOGIN_REQUIRED'],
    ['login_required', 'LOGIN_REQUIRED'],
    ['interaction_required', 'LOGIN_REQUIRED'],
    ['consent_required', 'LOGIN_REQUIRED'],
    ['invalid_client', 'CONFIG_INVALID'],
    ['unauthorized_client', 'CONFIG_INVALID'],
    ['unsupported_grant_type', 'CONFIG_INVALID'],
    ['invalid_scope', 'CONFIG_INVALID'],
    ['invalid_target', 'CONFIG_INVALID'],
    ['server_error', 'SERVER_ERROR'],
    ['temporarily_unavailable', 'SERVER_ERROR'],
    ['invalid_request', 'RESPONSE_INVALID'],
    ['something_new', 'RESPONSE_INVALID'],
    // A name that every object has is no word of the table.
    ['constructor', 'RESPONSE_INVALID'],
    ['__proto__', 'RESPONSE_INVALID'],
  ]
  test.each(named)('%s is %s, whatever the content type, status and place', (error, code) => {
    const body = { error, error_description: 'Because.' }
    const seen = [
      failure(400, body),
      failure(401, body, { 'www-authenticate': 'Basic realm="x"' }),
      failure(403, body, { 'content-type': 'text/plain' }),
      failure(200, body),
      failure(400, body, { 'content-type': 'application/problem+json' }),
      failure(401, '', { 'www-authenticate': `Bearer realm="x", error="${error}", error_description="Because."` }),
    ]
    for (const one of seen) {
      expect(one.code).toBe(code)
      expect(one.refusal).toMatchObject({ error, errorDescription: 'Because' })
      expect(one.message).toMatch(
        new RegExp(
          `^The refresh token grant failed at iam\\.example\\.org with \\d{3}: ${error}: Because\\. \\w.*\\.$`,
        ),
      )
    }
  })

  test.each([500, 502, 503, 504, 599, 429])('%i is SERVER_ERROR, whatever it says', (status) => {
    expect(failure(status, { error: 'invalid_grant' }).code).toBe('SERVER_ERROR')
    expect(failure(status, '<html>').code).toBe('SERVER_ERROR')
  })

  test.each([
    ['nothing', '', 'an empty answer'],
    ['a page', '<html>secret</html>', 'an answer of type unknown'],
    ['a number as error', '{"error":5}', 'an answer of type unknown'],
    ["Google's object as error", '{"error":{"code":5,"message":"m"}}', 'an answer of type unknown'],
  ])('%s is told by its shape, its body is not repeated', (_, text, shape) => {
    const error = failure(404, text)
    expect(error.code).toBe('RESPONSE_INVALID')
    expect(error.message).toContain(`with 404: ${shape}. Check the issuer's address and the client id.`)
    expect(error.message).not.toContain('secret')
  })
})

test.each([
  ['Invalid user credentials', 'LOGIN_REQUIRED', 'Check the user name and the password.'],
  ['Account is not fully set up', 'LOGIN_REQUIRED', 'Log in there once by browser: its pages ask for'],
])('what Keycloak says of a password, %s, keeps its code and is told with what helps', (description, code, advice) => {
  const error = failure(401, { error: 'invalid_grant', error_description: description })
  expect([error.code, error.message]).toEqual([code, expect.stringContaining(`${description}. ${advice}`)])
})

// The verbatim answers of INDIGO IAM 1.12.0 (its numbers) and of lico, OpenCloud's issuer.
describe('what real servers answer', () => {
  const bearer = (error: string, description: string): Readonly<Record<string, string>> => ({
    'www-authenticate': `Bearer realm="openidconnect", error="${error}", error_description="${description}"`,
  })
  const iam = (error: string, description: string): readonly [number, object, Readonly<Record<string, string>>] => [
    401,
    { error, error_description: description },
    bearer(error, description),
  ]
  const device = 'urn:ietf:params:oauth:grant-type:device_code'
  const recorded: readonly (readonly [string, Parameters<typeof answer>, AuthErrorCode])[] = [
    ['IAM 2.6, device login of an unknown client', [404, ''], 'RESPONSE_INVALID'],
    [
      'IAM 2.8, a client without the grant',
      [...iam('invalid_client', `Unauthorized grant type: ${device}`)],
      'CONFIG_INVALID',
    ],
    ['IAM 2.15, a wrong secret by Basic', [...iam('unauthorized', 'Bad credentials')], 'CONFIG_INVALID'],
    ['IAM 3.5, a scope not allowed', [400, { error: 'invalid_scope' }], 'CONFIG_INVALID'],
    ['IAM 3.8, a parameter missing', [500, { error: 'server_error' }], 'SERVER_ERROR'],
    [
      'IAM 3.10, a wrong secret in the form',
      [
        401,
        { error: 'invalid_client', error_description: 'Bad client credentials' },
        {
          'www-authenticate': 'Form realm="oauth", error="invalid_client", error_description="Bad client credentials"',
        },
      ],
      'CONFIG_INVALID',
    ],
    [
      'IAM 3.36, up-scoping',
      [400, { error: 'invalid_scope', error_description: 'Up-scoping is not allowed.' }],
      'CONFIG_INVALID',
    ],
    ['IAM 8.21, a suspended client', [...iam('invalid_client', 'Client is suspended: c286406c')], 'CONFIG_INVALID'],
    ['IAM 8.7, an expired device code', [400, { error: 'expired_token' }], 'LOGIN_EXPIRED'],
    ['lico, a scope too wide', [400, { error: 'insufficient_scope' }], 'CONFIG_INVALID'],
    [
      'lico, the user is gone',
      [400, { error: 'invalid_grant', error_description: 'user not found' }],
      'LOGIN_REQUIRED',
    ],
    [
      'lico, garbage',
      [400, { error: 'invalid_request', error_description: 'token contains an invalid number of segments' }],
      'LOGIN_REQUIRED',
    ],
    [
      'Keycloak, a consent withdrawn',
      [400, { error: 'invalid_scope', error_description: 'Client no longer has requested consent from user' }],
      'LOGIN_REQUIRED',
    ],
    [
      'Keycloak, a subject token that has ended',
      [400, { error: 'invalid_request', error_description: 'Invalid token' }],
      'LOGIN_REQUIRED',
    ],
    [
      'Keycloak, a proof key demanded',
      [400, { error: 'invalid_request', error_description: 'Missing parameter: code_challenge_method' }],
      'CONFIG_INVALID',
    ],
    [
      'Keycloak, a bound token demanded',
      [400, { error: 'invalid_request', error_description: 'DPoP proof is missing' }],
      'CONFIG_INVALID',
    ],
    [
      'whoever says so while it is down',
      [503, { error: 'invalid_request', error_description: 'DPoP proof is missing' }],
      'SERVER_ERROR',
    ],
  ]
  test.each(recorded)('%s', (_, parts, code) => {
    expect(failure(...parts).code).toBe(code)
  })

  test('what a client lacks is said', () => {
    const demanded = { error: 'invalid_request', error_description: 'Missing parameter: code_challenge_method' }
    expect(failure(400, demanded).message).toMatch(/\. This client must send a proof key \(PKCE\)\.$/)
  })
})

describe('Retry-After', () => {
  test.each([
    ['120', 120_000],
    [' 7 ', 7_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:02:00 GMT', 120_000],
    ['Thursday, 01-Jan-26 00:02:00 GMT', 120_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['999999999999999999999', 86_400_000],
    ['-5', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('%j is %j ms', (value, ms) => {
    expect(retryAfterOf(value, now)).toBe(ms)
  })

  test('counts a date from the issuer’s own clock, and the message says how long', () => {
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 12:00:30 GMT', date: 'Thu, 01 Jan 2026 12:00:00 GMT' }
    const error = failure(503, '', headers)
    expect(error.refusal.retryAfter).toBe(30_000)
    expect(error.message).toMatch(/Try again in 30 s\.$/)
    expect(failure(503, '').message).toMatch(/Try again later\.$/)
  })
})
