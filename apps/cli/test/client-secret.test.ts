import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { knownIssuers } from '@latchkey/login/issuers'
import { expect, it } from 'vitest'
import { clientSecret } from '../src/client-secret.ts'
import { registrations } from '../src/login/registrations.ts'
import { targetOf } from '../src/target.ts'
import { fakeIo } from './support/fake-io.ts'
import { home, privateFile } from './support/home.ts'

const key = { issuer: 'https://iam.example.org/realm', clientId: 'robot' }

it('a secret in the file that was named wins, without its newline and byte order mark', async () => {
  const { env, path } = home()
  const file = join(path, 'secret')
  writeFileSync(file, '\ufeffs3cret \r\n')
  expect(await clientSecret(key, file, fakeIo({ env: { ...env, LATCHKEY_CLIENT_SECRET: 'other' } }))).toBe('s3cret ')
  expect(await clientSecret(key, '-', fakeIo({ env, input: 'piped\n' }))).toBe('piped')
})

it.each([
  ['', 'holds no client secret'],
  ['one\ntwo\n', 'more than one line'],
])('%j is no secret', async (text, why) => {
  await expect(clientSecret(key, '-', fakeIo({ env: home().env, input: text }))).rejects.toThrow(why)
})

it('a file that cannot be read is named, with the reason', async () => {
  await expect(clientSecret(key, '/nowhere/secret', fakeIo())).rejects.toThrow('from /nowhere/secret: ENOENT')
})

it('the secret that the openEO tool stored for this client comes before the environment', async () => {
  const { env, config } = home()
  const provider = { client_id: 'robot', client_secret: 'configured', issuer: `${key.issuer}/` }
  privateFile(config, JSON.stringify({ backends: { 'https://b.test': { oidc: { providers: { p: provider } } } } }))
  const io = fakeIo({ env: { ...env, LATCHKEY_CLIENT_SECRET: 'environment' } })
  expect(await clientSecret(key, undefined, io)).toBe('configured')
  expect(await clientSecret({ ...key, clientId: 'other' }, undefined, io)).toBe('environment')
})

it('a secret in the environment goes to the client it is for', async () => {
  const { env } = home()
  const { issuer, clientId = '' } = targetOf('cdse', {})
  const secret = { ...env, LATCHKEY_CLIENT_SECRET: 's3cret' }
  expect(await clientSecret(key, undefined, fakeIo({ env: secret }))).toBe('s3cret')
  expect(await clientSecret({ issuer, clientId }, undefined, fakeIo({ env: secret }))).toBeUndefined()
  const bound = fakeIo({ env: { ...secret, LATCHKEY_CLIENT_ID: 'robot' } })
  expect(await clientSecret(key, undefined, bound)).toBe('s3cret')
  expect(await clientSecret({ ...key, clientId: 'other' }, undefined, bound)).toBeUndefined()
})

it('a secret that is published with a client is that of every server of its kind, and of no other client', async () => {
  const io = fakeIo({ env: home().env })
  const ocis = knownIssuers.find(({ name }) => name === 'ocis')
  const clientId = ocis?.clientId ?? ''
  expect(await clientSecret({ issuer: 'https://cloud.example.org', clientId }, undefined, io)).toBe(ocis?.clientSecret)
  expect(await clientSecret({ issuer: 'https://cloud.example.org', clientId: 'x' }, undefined, io)).toBeUndefined()
})

it('the secret of a client that was registered from here is kept with it', async () => {
  const { env } = home()
  await registrations({ env }).set(key.issuer, { clientId: 'robot', clientSecret: 'told once', redirectUris: [] })
  const io = fakeIo({ env: { ...env, LATCHKEY_CLIENT_SECRET: 'environment' } })
  expect(await clientSecret({ ...key, issuer: `${key.issuer}/` }, undefined, io)).toBe('told once')
  expect(await clientSecret({ ...key, clientId: 'other' }, undefined, io)).toBe('environment')
})
