import { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'

const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
} as const

/** The first `most` bytes of a body as text; `''` where it is encoded in a way that cannot be undone here. */
export async function decoded(body: Buffer, encoding: string | string[] | undefined, most: number): Promise<string> {
  const coding = String(encoding ?? '')
    .trim()
    .toLowerCase()
  if (coding === '' || coding === 'identity') return new TextDecoder().decode(body.subarray(0, most))
  if (!Object.hasOwn(decoders, coding)) return ''
  const chunks: Buffer[] = []
  let size = 0
  try {
    const plain = Readable.from([body]).pipe(decoders[coding as keyof typeof decoders]())
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size >= most) break
    }
  } catch {
    // The rest of the body has not come: what could be decoded of it is the text.
  }
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, most))
}
