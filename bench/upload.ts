// A streamed upload in a process of its own, that tells how much memory it took at its peak: CLIENT bare|ours ORIGIN FILE MIB
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { withAuth as withAuthAxios } from '@latchkey/axios'
import { bearer, staticToken } from '@latchkey/core'
import { withAuth as withAuthFetch } from '@latchkey/fetch'
import { withAuth as withAuthGot } from '@latchkey/got'
import { withAuth as withAuthUndici } from '@latchkey/undici'
import axios from 'axios'
import got from 'got'
import { Agent, interceptors, request } from 'undici'

const [client = '', kind = '', origin = '', path = '', size = '0'] = process.argv.slice(2)
const isOurs = kind === 'ours'
const authorizer = bearer(staticToken('token'), origin)
const byHand = isOurs ? {} : { authorization: 'Bearer token' }

/**
 * A body as a person has it: a file, read as it is sent. V8 lets 64 MiB of buffers lie before it collects any, so that
 * is done here every 16 MiB: what counts is what is held, not what lies about.
 */
async function* parts(mebibytes: number): AsyncGenerator<Buffer> {
  let read = 0
  for await (const part of createReadStream(path, { end: mebibytes * 1_048_576 - 1 })) {
    yield part as Buffer
    read += (part as Buffer).length
    if (read % 16_777_216 === 0) globalThis.gc?.()
  }
}

const file = (mebibytes: number): Readable => Readable.from(parts(mebibytes))

type Upload = (body: Readable) => Promise<number>

const uploads: Readonly<Record<string, Upload>> = {
  fetch: async (body) => {
    const fetch = isOurs ? withAuthFetch(authorizer) : globalThis.fetch
    const init = { method: 'PUT', headers: byHand, body: Readable.toWeb(body), duplex: 'half' }
    const response = await fetch(`${origin}/x`, init as RequestInit)
    await response.text()
    return response.status
  },
  undici: async (body) => {
    const redirect = interceptors.redirect({ maxRedirections: 5 })
    const list = isOurs ? [withAuthUndici(authorizer), redirect] : [redirect]
    const dispatcher = new Agent().compose(list)
    const answer = await request(`${origin}/x`, { dispatcher, method: 'PUT', headers: byHand, body })
    await answer.body.dump()
    return answer.statusCode
  },
  axios: async (body) => {
    const made = axios.create({ maxBodyLength: Number.POSITIVE_INFINITY, headers: byHand })
    return (await (isOurs ? withAuthAxios(authorizer, made) : made).put(`${origin}/x`, body)).status
  },
  got: async (body) => {
    const made = isOurs ? got.extend(withAuthGot(authorizer)) : got.extend({ headers: byHand })
    return (await made.put(`${origin}/x`, { body })).statusCode
  },
}

const upload = uploads[client]
if (upload === undefined) throw new Error(`There is no client ${client}.`)
// Everything is loaded and connected before it counts.
await upload(file(1))
const before = process.resourceUsage().maxRSS
const status = await upload(file(Number(size)))
const { maxRSS } = process.resourceUsage()
console.log(JSON.stringify({ status, mebibytes: (maxRSS - before) / 1024 }))
process.exit()
