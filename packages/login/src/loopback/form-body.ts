import type { IncomingMessage } from 'node:http'

/** More than any issuer sends: a code, a state, an ID token. */
const longestBody = 65_536

/** The body of a form; `undefined` when it is longer than 64 KiB or breaks off. */
export function formBody(request: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let length = 0
    request.on('data', (chunk: Uint8Array) => {
      length += chunk.length
      chunks.push(chunk)
      if (length <= longestBody) return
      request.pause()
      resolve(undefined)
    })
    request.on('end', () => resolve(Buffer.concat(chunks).toString()))
    request.on('close', () => resolve(undefined))
    request.on('error', () => resolve(undefined))
  })
}
