import { type Answer, bearer } from '@latchkey/core'
import { countingSource } from '@latchkey/testkit'
import axios, { type ResponseType } from 'axios'
import { describe, expect, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { adapters, api } from './servers.ts'

async function size(data: unknown): Promise<number> {
  if (typeof data === 'string') return data.length
  if (data instanceof Blob) return data.size
  if (data instanceof Response) return (await data.arrayBuffer()).byteLength
  if (data instanceof ArrayBuffer || data instanceof Uint8Array) return data.byteLength
  let bytes = 0
  for await (const chunk of data as AsyncIterable<Uint8Array>) bytes += chunk.length
  return bytes
}

const forms: Readonly<Record<(typeof adapters)[number], readonly (ResponseType | 'response')[]>> = {
  http: ['text', 'json', 'arraybuffer', 'stream'],
  fetch: ['text', 'json', 'arraybuffer', 'blob', 'stream', 'response'],
}

describe.each(adapters)('with the %s adapter, an authorizer may look at an answer', (adapter) => {
  test.each(forms[adapter])('asked for as %s, and the caller still has all of it', async (responseType) => {
    const a = await api()
    Object.assign(a.settings, { alwaysRefuse: true, refusalBytes: 300_000 })
    const looked: number[] = []
    const verdict = async (answer: Answer): Promise<undefined> => {
      looked.push((await answer.text()).length, (await answer.text()).length)
      expect(answer.header('www-authenticate')).toContain('Bearer')
      expect(answer.header('X-None')).toBeNull()
    }
    const client = withAuth(
      bearer(countingSource(), a.origin, { verdict }),
      axios.create({ adapter, validateStatus: () => true, transformResponse: (data: unknown) => data }),
    )
    const { status, data } = await client.get<unknown>(`${a.origin}/x`, { responseType: responseType as ResponseType })
    expect([status, await size(data)]).toEqual([401, 300_000])
    expect(looked).toEqual([65_536, 65_536, 65_536, 65_536])
  })

  test('and sees an empty text of a HEAD', async () => {
    const a = await api()
    const looked: string[] = []
    const answered = async (answer: Answer): Promise<undefined> => void looked.push(await answer.text())
    const client = withAuth(
      async () => ({ headers: { authorization: 'Bearer t' }, answered }),
      axios.create({ adapter }),
    )
    await client.head(`${a.origin}/bytes/10`)
    expect(looked).toEqual([''])
  })

  test('and a refused stream that never ends holds up nobody', async () => {
    const a = await api()
    a.refuse('t1')
    a.settings.refusalBytes = 20_000_000
    const client = withAuth(bearer(countingSource(), a.origin), axios.create({ adapter, responseType: 'stream' }))
    const { status, data } = await client.get<unknown>(`${a.origin}/bytes/10`)
    expect([status, await size(data)]).toEqual([200, 10])
  })
})
