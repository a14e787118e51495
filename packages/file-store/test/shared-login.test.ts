import { readFileSync, rmSync } from 'node:fs'
import { deviceCode, type Session, session } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'
import type { OpeneoBackend } from '@latchkey/testkit'
import { describe, test } from 'vitest'
import { expectWhole, file, peer, scope, store, withProvider } from './support/shared-login.ts'

/** Who the back-end takes a token for. */
async function userOf(backend: OpeneoBackend, login: Session): Promise<unknown> {
  const { accessToken } = await login.getToken()
  const headers = { authorization: `Bearer oidc/egi/${accessToken}` }
  return ((await (await fetch(`${backend.root}/me`, { headers })).json()) as { readonly user_id: unknown }).user_id
}

describe
  .skipIf(peer.absent)
  .concurrent('one login and the real openEO Python client (peer)', { timeout: peer.timeout }, () => {
    test('made by Python is used by us, and renewed by both in turn', async ({ expect, onTestFinished: finished }) => {
      const { path, backend, at, python, ours } = await withProvider(finished)
      const their = python()
      const { code } = await their.ask('login')
      await at.approve(code ?? '', { login: 'ana' })
      expect(await their.heard()).toMatchObject({ how: 'device', user: 'ana', sent: [] })
      const login = ours()
      for (let turn = 0; turn < 3; turn++) {
        expect(await userOf(backend, login)).toBe('ana')
        expect(await their.ask('login')).toMatchObject({
          how: 'refresh',
          user: 'ana',
          sent: [[expect.any(String), 200]],
        })
        // Until our access token has expired, so that it is our turn to renew.
        await new Promise((resolve) => setTimeout(resolve, 950))
      }
      expect(at.stats.refreshes).toBeGreaterThanOrEqual(5)
      await their.close()
      expect([at.stats.revokedGrants, at.stats.refusals['invalid_grant']]).toEqual([0, undefined])
      expectWhole(path, expect)
    })

    test('made by us is used by Python, and goes on with us where Python has rotated it', async ({
      expect,
      onTestFinished: finished,
    }) => {
      const { path, backend, at, python, issuer } = await withProvider(finished)
      const login = session({
        issuer,
        clientId: 'script',
        scope,
        store: fileStore({ path }),
        login: (client) =>
          deviceCode(client, { scope, prompt: ({ userCode }) => at.approve(userCode, { login: 'eva' }) }),
      })
      expect(await userOf(backend, login)).toBe('eva')
      const their = python()
      expect(await their.ask('login')).toMatchObject({ how: 'refresh', user: 'eva' })
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      expect(await userOf(backend, login)).toBe('eva')
      expect(await their.ask('login')).toMatchObject({ how: 'refresh', user: 'eva' })
      await their.close()
      expect(at.stats.revokedGrants).toBe(0)
      expectWhole(path, expect)
    })

    test('that Python is just writing, its file empty for a moment, is waited for and not taken for a logout', async ({
      expect,
      onTestFinished: finished,
    }) => {
      const { path, at, python, ours, issuer } = await withProvider(finished)
      await store(path, issuer, (await at.issue()).refreshToken)
      const their = python()
      await their.ask('slow 0.4')
      expect(await their.ask('login')).toEqual({ empty: true })
      expect(readFileSync(file(path), 'utf8')).toBe('')
      const began = performance.now()
      await expect(ours().getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
      expect(performance.now() - began).toBeGreaterThan(200)
      expect(await their.heard()).toMatchObject({ how: 'refresh' })
      await their.close()
      expect(at.stats.revokedGrants).toBe(0)
      expectWhole(path, expect)
    })

    test('whose file Python left empty when it was killed is reported, not overwritten, and used again once it is whole', async ({
      expect,
      onTestFinished: finished,
    }) => {
      const { path, at, python, ours, issuer } = await withProvider(finished)
      await store(path, issuer, (await at.issue()).refreshToken)
      const their = python()
      await their.ask('slow 60')
      await their.ask('login')
      their.kill()
      const login = ours()
      await expect(login.getToken()).rejects.toMatchObject({ code: 'STORE_UNREADABLE' })
      expect(readFileSync(file(path), 'utf8')).toBe('')
      // A person deletes it, as Python's users have to, and logs in again.
      rmSync(file(path))
      await store(path, issuer, (await at.issue()).refreshToken)
      await expect(login.getToken()).resolves.toMatchObject({ tokenType: 'Bearer' })
      expectWhole(path, expect)
    })
  })
