import { bearer } from '@latchkey/core'
import axios from 'axios'
import { describe, expect, test } from 'vitest'
import { withAuth } from '../src/index.ts'
import { adapters, api, apiWithLogin, carried, via } from './servers.ts'

const basic = `Basic ${btoa('me:secret')}`

describe.each(adapters)('with the %s adapter, an authorization set by hand stays theirs', (adapter) => {
  const any = { adapter, validateStatus: () => true }

  test('in a request, under any spelling, and on every hop', async () => {
    const { a, source, client } = await apiWithLogin(any)
    for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
      await client.get(via('/open/there', 302, '/open'), { headers: { [name]: 'Bearer mine' } })
    }
    expect(new Set(carried(a))).toEqual(new Set(['Bearer mine']))
    expect([a.arrivals.length, source.asked]).toEqual([6, 0])
  })

  test('in the defaults of the instance, and in those of a method', async () => {
    for (const headers of [{ Authorization: 'Bearer mine' }, { get: { Authorization: 'Bearer mine' } }]) {
      const { a, source, client } = await apiWithLogin({ ...any, headers: headers as never })
      expect((await client.get('/x')).status).toBe(401)
      expect([carried(a), source.asked]).toEqual([['Bearer mine'], 0])
    }
  })

  test('in the auth option, and as a user in the address', async () => {
    const { a, source, client } = await apiWithLogin(any)
    await client.get('/open/x', { auth: { username: 'me', password: 'secret' } })
    await client.get(`${a.origin.replace('://', '://me:secret@')}/open/x`)
    expect([carried(a), source.asked]).toEqual([[basic, basic], 0])
  })

  test('by an interceptor, wherever it stands', async () => {
    const { a, source, client } = await apiWithLogin(any)
    const early = axios.create({ ...any, baseURL: a.origin })
    for (const instance of [early, client]) {
      instance.interceptors.request.use((config) => {
        config.headers.set('Authorization', 'Bearer mine')
        return config
      })
    }
    await client.get('/x')
    await withAuth(bearer(source, a.origin), early).get('/x')
    expect([carried(a), source.asked]).toEqual([['Bearer mine', 'Bearer mine'], 0])
  })

  test('and so does one that was switched off', async () => {
    const { a, source, client } = await apiWithLogin(any)
    await client.get('/x', { headers: { Authorization: false } as never })
    expect([carried(a), source.asked]).toEqual([[undefined], 0])
  })
})

test('polluted prototypes authorize nothing and move nothing', async () => {
  const other = await api()
  const { a, client } = await apiWithLogin()
  const pollution = { baseURL: other.origin, auth: { username: 'x', password: 'y' }, url: other.origin }
  for (const [name, value] of Object.entries(pollution)) {
    // What CVE-2026-42264 was about.
    // oxlint-disable-next-line no-extend-native
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true })
  }
  try {
    await client.get('/x')
  } finally {
    for (const name of Object.keys(pollution)) delete (Object.prototype as Record<string, unknown>)[name]
  }
  expect([carried(a), carried(other)]).toEqual([['Bearer t1'], []])
})
