import { describe, expect, it } from 'vitest'
import { main } from '../src/main.ts'
import { quick } from '../src/quick.ts'
import { fakeIo } from './support/fake-io.ts'
import { home } from './support/home.ts'
import { store, storedToken } from './support/stored.ts'

const issuer = 'https://iam.example.org'

describe('the quick way to a stored token', () => {
  it.each([
    ['token'],
    ['header'],
    ['token', issuer],
    ['token', 'iam.example.org/', '--client-id', 'script'],
    ['token', '--client-id', 'script'],
    ['header', '--client-id', 'script', issuer],
  ])('prints for %j %j %j %j what the whole program prints', async (...words) => {
    const { env } = home()
    await store(env, { issuer, clientId: 'script' }, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    const io = fakeIo({ env })
    expect(await main(words, io)).toBe(0)
    expect(await quick(words, io)).toBe(io.stdout())
    expect(io.stdout()).toMatch(/^(Authorization: Bearer )?at\n$/)
  })

  it.each([
    ['status'],
    ['token', '--json'],
    ['token', issuer, '--help'],
    ['token', issuer, '--min-validity=1'],
    ['token', issuer, 'another'],
    ['token', ''],
    ['token', issuer, '--client-id'],
    ['token', issuer, '--client-id', ''],
    ['token', issuer, '--client-id', '--json'],
    ['token', issuer, '--client-id=script'],
    ['token', '--', issuer],
    ['token', 'cdes'],
    ['token', 'https://user:pw@iam.example.org'],
    ['token', 'elsewhere.example.org'],
    ['token', issuer, '--client-id', 'other'],
  ])('leaves %j %j %j %j to the whole program', async (...words) => {
    const { env } = home()
    await store(env, { issuer, clientId: 'script' }, { refreshToken: 'rt', tokens: { '': storedToken('at') } })
    expect(await quick(words, fakeIo({ env }))).toBeUndefined()
  })

  it.each([
    ['has expired', { expiresAt: 1, receivedAt: 0 }],
    ['came in the future', { receivedAt: Date.now() + 3_600_000 }],
    ['ends within its margin', { receivedAt: Date.now() - 99_000, expiresAt: Date.now() + 1_000 }],
    ['is bound to a key', { tokenType: 'DPoP' }],
  ])('gives no header with a token that %s', async (_, token) => {
    const { env } = home()
    await store(env, { issuer, clientId: 'script' }, { refreshToken: 'rt', tokens: { '': storedToken('at', token) } })
    expect(await quick(['header'], fakeIo({ env }))).toBeUndefined()
  })
})
