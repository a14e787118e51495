import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { Agent, FormData, request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { apiWithLogin, otherApi, rejection } from './servers.ts'

type Body = NonNullable<NonNullable<Parameters<typeof request>[1]>['body']>

function form(): FormData {
  const made = new FormData()
  made.append('field', 'värde')
  made.append('file', new Blob(['x'.repeat(100_000)], { type: 'text/plain' }), 'a.txt')
  return made
}

const bytes = new Uint8Array([0, 255, 13, 10])
const sentAgain: readonly (readonly [string, () => unknown])[] = [
  ['a string', () => 'wörds'],
  ['an empty string', () => ''],
  ['a Buffer', () => Buffer.from('bytes')],
  ['a view of bytes', () => new Uint8Array(bytes.buffer, 1, 2)],
  ['an ArrayBuffer', () => bytes.buffer],
  ['a list of chunks', () => ['one', Buffer.from('two')]],
  ['a Blob', () => new Blob(['a', 'blob'])],
  ['a FormData of undici', form],
  ['form parameters as text', () => new URLSearchParams({ a: '1 2' }).toString()],
]

test.each(sentAgain)('%s is sent again whole after a refusal', async (what, body) => {
  const { api, source, authorizer } = await apiWithLogin()
  const agent = new Agent()
  onTestFinished(() => agent.destroy())
  // Without redirects: undici's redirect interceptor makes an iterator of a list.
  const dispatcher = agent.compose(withAuth(authorizer))
  api.refuse('t1')
  const { statusCode } = await request(`${api.origin}/x`, { dispatcher, method: 'POST', body: body() as Body })
  expect([statusCode, source.renewals]).toEqual([200, 1])
  const [first, second, ...more] = api.arrivals
  expect(more).toEqual([])
  expect(second?.bytes).toBe(first?.bytes)
  expect(first?.bytes).toBe(what.includes('empty') ? 0 : first?.bytes || Number.NaN)
  if (what.includes('FormData')) expect(first?.bytes).toBeGreaterThan(100_000)
  else expect(second?.digest).toBe(first?.digest)
})

function file(size: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-undici-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'upload')
  writeFileSync(path, Buffer.alloc(size, 'f'))
  return path
}

async function* lines(): AsyncGenerator<string> {
  yield 'one, '
  yield 'two'
}

const sentOnce: readonly (readonly [string, () => unknown])[] = [
  ['a file stream', () => createReadStream(file(200_000))],
  ['an async iterator', lines],
  ['a web stream', () => new Blob(['one, two']).stream()],
  ['a Node stream', () => Readable.from(['one, ', 'two'])],
]

test.each(sentOnce)('%s is sent once: never again empty or in part', async (_, body) => {
  const { api, source, dispatcher } = await apiWithLogin()
  api.refuse('t1')
  const send = (): Promise<number> =>
    request(`${api.origin}/x`, { dispatcher, method: 'POST', body: body() as Body }).then(async (answer) => {
      await answer.body.dump()
      return answer.statusCode
    })
  expect([await send(), await send()]).toEqual([401, 200])
  expect([api.arrivals.length, source.renewals]).toEqual([2, 1])
  expect(api.arrivals[0]?.bytes).toBeGreaterThan(7)
  expect(api.arrivals[1]?.digest).toBe(api.arrivals[0]?.digest)
})

test('URLSearchParams and a FormData that is not undici’s are refused as undici refuses them', async () => {
  const { api, dispatcher } = await apiWithLogin()
  for (const body of [new URLSearchParams({ a: '1' }), new globalThis.FormData()]) {
    const options = { method: 'POST', body: body as unknown as Body } as const
    const theirs = await rejection(request(`${api.origin}/x`, options))
    const ours = await rejection(request(`${api.origin}/x`, { ...options, dispatcher }))
    expect([(ours as Error).name, (ours as Error).message]).toEqual([(theirs as Error).name, (theirs as Error).message])
  }
})

test('a stream that fails while a token is awaited fails its call, and nothing else', async () => {
  const { api, source, dispatcher } = await apiWithLogin(100)
  source.expire()
  const body = createReadStream(join(tmpdir(), 'latchkey-no-such-file'))
  const error = await rejection(request(`${api.origin}/x`, { dispatcher, method: 'POST', body }))
  expect(error).toMatchObject({ code: 'ENOENT' })
  await source.getToken()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(api.arrivals).toEqual([])
})

test('a stream whose call ends before it is sent is destroyed, as by undici', async () => {
  const { api, source, dispatcher } = await apiWithLogin(200)
  source.expire()
  const body = createReadStream(file(10))
  const signal = AbortSignal.timeout(20)
  await rejection(request(`${api.origin}/x`, { dispatcher, method: 'POST', body, signal }))
  expect(body.destroyed).toBe(true)
})

test('a body of a request to elsewhere is not touched', async () => {
  const { dispatcher } = await apiWithLogin()
  const other = await otherApi()
  const { statusCode } = await request(`${other.origin}/open/x`, { dispatcher, method: 'PUT', body: lines() as never })
  expect([statusCode, other.arrivals[0]?.body]).toEqual([200, 'one, two'])
})
