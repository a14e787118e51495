import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import type { OptionsInit } from 'got'
import { describe, expect, test } from 'vitest'
import { fileStream } from './clients.ts'
import { apiWithLogin, rejection } from './servers.ts'

const form = (): FormData => {
  const data = new FormData()
  data.append('field', 'värde')
  data.append('file', new Blob(['x'.repeat(100_000)]), 'upload.bin')
  return data
}

const whole: readonly (readonly [string, () => Pick<OptionsInit, 'body' | 'json' | 'form'>])[] = [
  ['a string', () => ({ body: 'text, ä' })],
  ['JSON', () => ({ json: { list: [1, 2] } })],
  ['a Buffer', () => ({ body: Buffer.from([0, 255, 128]) })],
  ['typed numbers', () => ({ body: new Uint16Array([1, 2]) })],
  ['form parameters', () => ({ form: { a: '1 2', b: 'ü' } })],
  ['FormData with a file', () => ({ body: form() })],
  ['an iterable that starts anew', () => ({ body: [Buffer.from('one, '), Buffer.from('two')] })],
]

async function* lines(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one, ')
  yield Buffer.from('two')
}

describe('a body', () => {
  test.each(whole)('of %s is sent again whole after a refusal', async (_what, options) => {
    const { a, source, client } = await apiWithLogin()
    a.refuse('t1')
    expect((await client.post('x', options())).statusCode).toBe(200)
    const [first, second, ...rest] = a.arrivals
    expect(rest).toEqual([])
    expect(second?.bytes).toBeGreaterThan(0)
    expect(second?.bytes).toBe(first?.bytes)
    const essence = (body?: string): string | undefined => body?.replaceAll(/^--.*$/gm, '')
    expect(essence(second?.body)).toBe(essence(first?.body))
    expect(source.renewals).toBe(1)
  })

  test.each([
    ['a file', () => fileStream('one, two')],
    ['an async iterator', lines],
    ['a stream of Node', () => Readable.from(lines())],
    ['a stream of the web', () => new Blob(['one, two']).stream()],
  ])('of %s is sent once, never again empty (defect 11)', async (_what, body) => {
    const { a, source, client } = await apiWithLogin()
    a.refuse('t1')
    expect(await rejection(client.post('x', { body: body() as never }))).toMatchObject({
      code: 'ERR_NON_2XX_3XX_RESPONSE',
      response: { statusCode: 401 },
    })
    expect(a.arrivals.map((one) => one.body)).toEqual(['one, two'])
    expect(source.renewals).toBe(1)
    expect((await client.post('x', { body: body() as never })).statusCode).toBe(200)
  })

  test('of a stream does not follow a 307, in got’s own words', async () => {
    const { client } = await apiWithLogin()
    const error = await rejection(client.post('redirect/307?to=/x', { body: Readable.from(lines()) }))
    expect(error).toMatchObject({ message: 'Cannot follow redirect with a non-replayable body' })
  })

  test('that fails while the token is awaited fails the call, not the process', async () => {
    const { a, source, client } = await apiWithLogin({}, 100)
    source.expire()
    const error = await rejection(client.post('x', { body: createReadStream('/nowhere/at/all') }))
    expect(error).toMatchObject({ name: 'UploadError', code: 'ERR_UPLOAD' })
    expect(a.arrivals).toEqual([])
  })

  test('reports its progress, from the start again when it is sent again', async () => {
    const { a, client } = await apiWithLogin()
    a.refuse('t1')
    const seen: number[] = []
    await client.post('x', { body: 'x'.repeat(200_000) }).on('uploadProgress', ({ transferred }) => {
      seen.push(transferred)
    })
    expect(seen.filter((one) => one === 0).length).toBe(2)
    expect(seen.at(-1)).toBe(200_000)
    expect(a.arrivals.map((one) => one.bytes)).toEqual([200_000, 200_000])
  })
})

describe('got.stream', () => {
  test('carries the token both ways, and over redirects', async () => {
    const { a, client } = await apiWithLogin()
    const chunks: Uint8Array[] = []
    const stream = client.stream.post('redirect/307?to=/bytes/300000', { json: { x: 1 } })
    for await (const chunk of stream) chunks.push(chunk as Uint8Array)
    expect(Buffer.concat(chunks).length).toBe(300_000)
    // Read to its end: a stream that is left alone fails when its server goes.
    await fileStream('piped').pipe(client.stream.post('x')).toArray()
    expect(a.arrivals.map((one) => [one.headers['authorization'], one.body])).toEqual([
      ['Bearer t1', '{"x":1}'],
      ['Bearer t1', '{"x":1}'],
      ['Bearer t1', 'piped'],
    ])
  })

  test.each([true, false])('is not sent again, and the next call is right (throwHttpErrors: %s)', async (throwing) => {
    const { a, source, client } = await apiWithLogin({ throwHttpErrors: throwing }, 1)
    a.refuse('t1')
    const stream = client.stream('x')
    if (throwing) expect(await rejection(stream.toArray())).toMatchObject({ response: { statusCode: 401 } })
    else await stream.toArray()
    expect(a.arrivals.length).toBe(1)
    while (source.renewals === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    expect((await client('x')).statusCode).toBe(200)
    expect([a.arrivals.length, source.renewals]).toEqual([2, 1])
  })

  test('shows nothing of ours in its options once the answer is there', async () => {
    const { client } = await apiWithLogin()
    const stream = client.stream('x')
    await once(stream, 'response')
    expect(stream.options.headers).not.toHaveProperty('authorization')
    await stream.toArray()
  })
})
