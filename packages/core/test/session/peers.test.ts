import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Grant } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { keyOf, put, world } from './rotating-issuer.ts'

const here = world()

interface Ended {
  readonly code: number | null
  readonly output: string
}

/** Runs a user's script to its own end, with every debug output on. */
function script(): Promise<Ended> {
  const program = fileURLToPath(import.meta.resolve('./refresh-once.ts'))
  const env = { ...process.env, DEBUG: '*', NODE_DEBUG: '' }
  const child = spawn(process.execPath, [program, here.issuer.issuer], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}

const sentTokens = (): readonly (string | undefined)[] => here.issuer.sent.map((form) => form['refresh_token'])

/** What other packages get wrong: the numbers are those of the list of defects that were reproduced in them. */
describe('defects of peers', () => {
  test('1: an answer without a refresh token does not lose the one there is', async () => {
    await put(here.store, here.issuer)
    here.issuer.answers.push({ body: { access_token: 'AT', token_type: 'Bearer', expires_in: 60 } })
    const source = here.login()
    await source.getToken()
    await here.clock.advance(60_000)
    await source.getToken()
    expect(sentTokens()).toEqual(['RT1', 'RT1'])
  })

  test('2, 5, 6: a token of 30 days leaves no timer, the script ends by itself, and debug output shows no secret', async () => {
    here.issuer.expiresIn = 30 * 24 * 3600
    const { code, output } = await script()
    expect({ code, output }).toEqual({ code: 0, output: 'Bearer' })
    expect(here.issuer.sent).toHaveLength(1)
  })

  test('3: refusals that come late, one after the other, are one renewal', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    const rejected = await source.getToken()
    const late = [0, 10, 20, 30, 40, 50].map(async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms))
      return (await source.getToken({ rejected })).accessToken
    })
    expect(new Set(await Promise.all(late))).toEqual(new Set(['AT2']))
    expect(here.issuer.sent).toHaveLength(2)
  })

  test('4: an issuer that answers 500 costs neither the refresh token nor a login', async () => {
    await put(here.store, here.issuer)
    here.issuer.answers.push({ status: 500 })
    const asked: Grant = () => Promise.reject(new Error('a person was asked'))
    await expect(here.login({ login: () => asked }).getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
    expect(await here.store.get(keyOf(here.issuer))).toMatchObject({ refreshToken: 'RT1' })
  })

  test('8, 12: the second refresh sends the token that the first one brought', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    await source.getToken()
    await here.clock.advance(3_600_000)
    await source.getToken()
    expect(sentTokens()).toEqual(['RT1', 'RT2'])
  })

  test('9: nothing is renewed in the background, so nothing fails there', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    await source.getToken()
    await here.clock.advance(3_600_000 - 31_000)
    here.issuer.answers.push({ status: 503 })
    expect((await source.getToken()).accessToken).toBe('AT1')
    expect(here.issuer.sent).toHaveLength(1)
    await here.clock.advance(2_000)
    await expect(source.getToken()).rejects.toMatchObject({ code: 'SERVER_ERROR' })
  })

  test('13: an expired token is one refresh for three callers, and none for the next', async () => {
    await put(here.store, here.issuer)
    const source = here.login()
    await Promise.all([source.getToken(), source.getToken(), source.getToken()])
    await source.getToken()
    expect(here.issuer.sent).toHaveLength(1)
  })
})
