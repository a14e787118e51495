import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { loopbackReceiver } from '../src/index.ts'
import { visit } from './support/visit.ts'
import { connects, good, hasIpv6, portOf, squatter, waiting } from './support/waiting.ts'

describe('3.7 row 1: bind address', () => {
  test('only loopback answers, and nothing after the end', async () => {
    const { receiver, port } = await waiting()
    const others = Object.values(networkInterfaces()).flatMap((list) =>
      (list ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
    )
    expect(await connects('127.0.0.1', port)).toBe(true)
    for (const address of [...others, '127.0.0.2']) expect(await connects(address, port), address).toBe(false)
    await receiver.close()
    expect(await connects('127.0.0.1', port)).toBe(false)
  })

  test.skipIf(!hasIpv6)('::1 answers at the same port', async () => {
    const { port } = await waiting()
    expect(await connects('::1', port)).toBe(true)
  })
})

describe('3.7 row 2: redirect URI host', () => {
  test.each([
    [{}, /^http:\/\/127\.0\.0\.1:\d+\/callback$/],
    [{ host: 'localhost', path: '/' } as const, /^http:\/\/localhost:\d+\/$/],
    [{ host: 'localhost', path: '' } as const, /^http:\/\/localhost:\d+$/],
  ])('%j', async (options, form) => {
    const { url, received } = await waiting(options)
    expect(url).toMatch(form)
    const first = await visit(url + good, { address: '127.0.0.1' })
    expect(first.status).toBe(303)
    expect((await received).get('code')).toBe('c0de')
  })

  test.skipIf(!hasIpv6)('[::1]', async () => {
    const { url, received } = await waiting({ host: '[::1]' })
    expect((await visit(url + good)).status).toBe(303)
    expect((await received).get('code')).toBe('c0de')
  })

  test('a path that could not be one is refused', async () => {
    await expect(loopbackReceiver({ path: '/a b' })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })
})

describe('3.7 row 3: port taken', () => {
  test('the next of the list is used', async () => {
    const taken = portOf(await squatter('127.0.0.1'))
    const free = await squatter('127.0.0.1')
    const next = portOf(free)
    free.close()
    await once(free, 'close')
    const { port } = await waiting({ ports: [taken, next] })
    expect(port).toBe(next)
  })

  test('all taken is one error that names them', async () => {
    const ports = [portOf(await squatter('127.0.0.1')), portOf(await squatter('127.0.0.1'))]
    await expect(loopbackReceiver({ ports })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `None of the ports ${ports.join(', ')} of this machine is free for the answer of the browser. End the program that holds one, or log in by device.`,
    })
  })

  test.skipIf(!hasIpv6)('with localhost a port that somebody holds on ::1 alone is taken', async () => {
    const port = portOf(await squatter('::1'))
    await expect(loopbackReceiver({ host: 'localhost', ports: [port] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
    expect(await connects('127.0.0.1', port)).toBe(false)
  })

  test.skipIf(!hasIpv6)('with 127.0.0.1 nobody on ::1 can stand in the way', async () => {
    const port = portOf(await squatter('::1'))
    expect((await waiting({ ports: [port] })).port).toBe(port)
  })
})
