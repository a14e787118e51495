import { type AuthError, type Clock, normalizeIssuer, systemClock } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { fileStore } from '@latchkey/file-store'
import type { Authentication } from '@latchkey/openeo'
import type { World } from './world.ts'

/** Pauses a hundredth as long, of polls and between attempts; deadlines, which are longer, as they are. */
export const quick: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms <= 5_000 ? ms / 100 : ms, signal),
}

/** A person who approves whatever is shown, and how often that was. */
export interface Person {
  readonly prompt: (prompt: { readonly userCode: string }) => Promise<void>
  readonly prompted: number
}

export function person({ issuer }: World): Person {
  const it = {
    prompted: 0,
    prompt: async ({ userCode }: { readonly userCode: string }): Promise<void> => {
      it.prompted++
      await issuer.approve(userCode)
    },
  }
  return it
}

/** The login of `script`, as another program left it in the shared file. */
export async function stored(at: World): Promise<void> {
  const { refreshToken } = await at.issuer.issue({ scope: 'openid email offline_access' })
  const key = { issuer: normalizeIssuer(at.issuer.issuer), clientId: 'script' }
  await fileStore({ env: at.env }).update(key, async () => ({ refreshToken, tokens: {} }))
}

/** What it failed with. */
export const failure = (work: Promise<unknown>): Promise<AuthError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: AuthError) => error,
  )

/** What `/me` answers, and the header that reached it. */
export async function me(at: World, { authorizer }: Authentication): Promise<readonly [number, string | undefined]> {
  at.backend.clear()
  const answer = await withAuth(authorizer)(`${at.backend.root}/me`)
  await answer.body?.cancel()
  return [answer.status, at.backend.received('/me').at(-1)?.headers['authorization']]
}
