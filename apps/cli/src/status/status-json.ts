import { type LoginStatus, ownToken } from './login-status.ts'

/** A login for programs. */
export function statusJson({ key, state, login, checked }: LoginStatus, now: number): object {
  const own = ownToken(login)
  const instant = (at: number): string => new Date(at).toISOString()
  const expiry =
    own?.expiresAt === undefined
      ? {}
      : { expires_at: instant(own.expiresAt), expires_in: Math.floor((own.expiresAt - now) / 1000) }
  return {
    issuer: key.issuer,
    client_id: key.clientId,
    account: key.account ?? null,
    state,
    scope: login.scope ?? null,
    access_token: own === undefined ? null : { token_type: own.tokenType, ...expiry },
    refresh_token: login.refreshToken !== undefined,
    refused: login.refused
      ? { at: instant(login.refused.at), code: login.refused.code, times: login.refused.times }
      : null,
    failed: login.failed ? { at: instant(login.failed.at), code: login.failed.code } : null,
    ...(checked !== undefined && {
      checked: { result: checked.result, by: checked.by, reason: checked.reason?.code ?? null },
    }),
  }
}
