import { type Provider, provider } from '@latchkey/testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { begun } from './support/begun.ts'
import type { FakeOptions } from './support/fake-terminal.ts'
import { followed, visit } from './support/visit.ts'

let at: Provider
beforeAll(async () => {
  at = await provider()
})
afterAll(() => at.close())

const ssh: FakeOptions = { env: { SSH_TTY: '/dev/pts/1', LANG: 'C.UTF-8' } }

test.each([
  ['the whole address', (url: string) => url],
  ['the address in quotes, with blanks', (url: string) => `  "${url}" `],
  ['what follows the question mark', (url: string) => url.replace(/^.*\?/, '')],
  ['the query', (url: string) => new URL(url).search],
])('%s is the answer; nothing is opened, and nothing pasted is shown', async (_name, spelled) => {
  const { terminal, address, ended } = await begun(at, { method: 'paste' }, ssh)
  const { url } = await at.signIn(address)
  terminal.type(`${spelled(url)}\r`)
  expect(await ended).toBe('done')
  expect(terminal.spawned).toEqual([])
  expect(terminal.written()).not.toContain(new URL(url).searchParams.get('code'))
  expect(terminal.modes).toEqual([true, false])
})

test('a refusal can be pasted too', async () => {
  const { terminal, address, ended } = await begun(at, { method: 'paste' }, ssh)
  terminal.type(`${(await at.signIn(address, { deny: true })).url}\r`)
  expect(await ended).toMatchObject({ code: 'LOGIN_DENIED' })
})

test('what is no answer is told so, and the wait goes on', async () => {
  const { terminal, address, ended } = await begun(at, { method: 'paste' }, ssh)
  terminal.type('hello\r')
  await expect.poll(terminal.written).toContain('That is no answer')
  terminal.type('http://127.0.0.1:1/callback?code=x&state=other\r')
  await expect.poll(terminal.written).toContain('That is not the answer to this login')
  terminal.type('\r')
  terminal.type(`${(await at.signIn(address)).url}\r`)
  expect(await ended).toBe('done')
})

test('a line of 12,000 characters is taken whole', async () => {
  const { terminal, address, ended } = await begun(at, { method: 'paste' }, ssh)
  const { url } = await at.signIn(address)
  terminal.type(`${url}&session_state=${'x'.repeat(12_000)}\r`)
  expect(await ended).toBe('done')
})

test('the listener runs meanwhile: a forwarded port needs no paste', async () => {
  const { address, ended } = await begun(at, { method: 'paste' }, ssh)
  const { url } = await at.signIn(address)
  await followed(await visit(url), url)
  expect(await ended).toBe('done')
})

test('and with a browser that opened, one may paste all the same', async () => {
  const { terminal, address, ended } = await begun(at)
  terminal.type(`${(await at.signIn(address)).url}\r`)
  expect(await ended).toBe('done')
})

test('Ctrl-D only ends the pasting', async () => {
  const { terminal, address, ended } = await begun(at)
  terminal.type('\u0004')
  await expect.poll(() => terminal.modes).toEqual([true, false])
  const { url } = await at.signIn(address)
  await followed(await visit(url), url)
  expect(await ended).toBe('done')
})
