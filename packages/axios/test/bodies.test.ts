import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { fileStream } from './clients.ts'
import { adapters, apiWithLogin, rejection } from './servers.ts'

const form = (): FormData => {
  const data = new FormData()
  data.append('field', 'värde')
  data.append('file', new Blob(['x'.repeat(100_000)]), 'upload.bin')
  return data
}

const whole: readonly (readonly [string, () => unknown])[] = [
  ['a string', () => 'text, ä'],
  ['JSON', () => ({ list: [1, 2] })],
  ['a Buffer', () => Buffer.from([0, 255, 128])],
  ['an ArrayBuffer', () => new Uint8Array([1, 2, 3]).buffer],
  ['URLSearchParams', () => new URLSearchParams({ a: '1 2', b: 'ü' })],
  ['a Blob', () => new Blob(['blob '.repeat(50_000)])],
  ['FormData with a file', form],
]

async function* lines(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one, ')
  yield Buffer.from('two')
}

describe.each(adapters)('with the %s adapter', (adapter) => {
  test.each(whole)('%s is sent again whole after a refusal', async (_what, data) => {
    const { a, source, client } = await apiWithLogin({ adapter })
    a.refuse('t1')
    expect((await client.post('/x', data())).status).toBe(200)
    const [first, second, ...rest] = a.arrivals
    expect(rest).toEqual([])
    expect(second?.bytes).toBeGreaterThan(0)
    expect(second?.bytes).toBe(first?.bytes)
    // The boundary of a form is new for each sending.
    const essence = (body?: string): string | undefined => body?.replaceAll(/^--.*$/gm, '')
    expect(essence(second?.body)).toBe(essence(first?.body))
    expect(source.renewals).toBe(1)
  })

  test('a file that is streamed is sent once, never again empty (defect 11)', async () => {
    const { a, source, client } = await apiWithLogin({ adapter })
    a.refuse('t1')
    const error = await rejection(client.post('/x', fileStream('once only')))
    expect(error).toMatchObject({ code: 'ERR_BAD_REQUEST', status: 401 })
    expect(a.arrivals.map((one) => one.body)).toEqual(['once only'])
    expect([source.renewals, (await client.post('/x', fileStream('again'))).status]).toEqual([1, 200])
  })

  test('a stream is taken through a 303, and cannot follow a 307', async () => {
    const { a, client } = await apiWithLogin({ adapter })
    expect((await client.post('/redirect/303?to=/there', fileStream('x'))).status).toBe(200)
    const error = await rejection(client.post('/redirect/307?to=/there', fileStream('x')))
    expect(error).toMatchObject({ isAxiosError: true, code: 'ERR_FR_REDIRECTION_FAILURE' })
    expect(a.received('/there').map((one) => [one.method, one.bytes])).toEqual([['GET', 0]])
  })

  test('uploads report their progress, from the start again when they are sent again', async () => {
    const { a, client } = await apiWithLogin({ adapter })
    a.refuse('t1')
    const seen: number[] = []
    await client.post('/x', 'x'.repeat(200_000), { onUploadProgress: ({ loaded }) => seen.push(loaded) })
    expect(seen.filter((loaded) => loaded === 200_000).length).toBe(2)
    expect(a.arrivals.map((one) => one.bytes)).toEqual([200_000, 200_000])
  })

  test('a streamed answer is whole, and a refused one is not left hanging', async () => {
    const { a, client } = await apiWithLogin({ adapter, responseType: 'stream' })
    a.settings.refusalBytes = 40_000
    a.refuse('t1')
    const { data } = await client.get<AsyncIterable<Uint8Array>>('/bytes/300000')
    let bytes = 0
    for await (const chunk of data) bytes += chunk.length
    expect(bytes).toBe(300_000)
    expect(new Set(a.arrivals.map((one) => one.port)).size).toBe(1)
  })
})

test('a stream of the web goes once through the fetch adapter', async () => {
  const { a, source, client } = await apiWithLogin({ adapter: 'fetch' })
  a.refuse('t1')
  expect(await rejection(client.post('/x', new Blob(['once']).stream()))).toMatchObject({ status: 401 })
  expect([a.arrivals.map((one) => one.body), source.renewals]).toEqual([['once'], 1])
})

test('an async iterator is no body that axios has: it makes JSON of it, and so it stays', async () => {
  const { a, client } = await apiWithLogin()
  a.refuse('t1')
  await client.post('/x', lines())
  expect(a.arrivals.map((one) => one.body)).toEqual(['{}', '{}'])
  await client.post('/x', Readable.from(lines()))
  expect(a.arrivals.at(-1)?.body).toBe('one, two')
})

test('a stream that fails while the token is awaited fails the call, not the process', async () => {
  const { a, source, client } = await apiWithLogin({}, 100)
  source.expire()
  const error = await rejection(client.post('/x', createReadStream('/nowhere/at/all')))
  expect(error).toMatchObject({ isAxiosError: true, code: 'ENOENT' })
  expect(a.arrivals).toEqual([])
})
