import { createReadStream, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AdapterAnswer, AdapterBody, AdapterRequest, AdapterSend } from '@latchkey/testkit/contracts/adapter-bench'
import type { Got, OptionsInit } from 'got'

/** A file with this text, as a stream. */
export function fileStream(text: string): NodeJS.ReadableStream {
  const path = join(mkdtempSync(join(tmpdir(), 'latchkey-got-')), 'upload')
  writeFileSync(path, text)
  return createReadStream(path)
}

/** A body as got takes it. */
function gotBody(body: AdapterBody): Pick<OptionsInit, 'json' | 'body' | 'form'> {
  if (body.kind === 'json') return { json: body.value }
  if (body.kind === 'bytes') return { body: body.value as Uint8Array<ArrayBuffer> }
  if (body.kind === 'params') return { form: body.value }
  if (body.kind === 'stream') return { body: fileStream(body.value) as never }
  const form = new FormData()
  for (const [name, value] of Object.entries(body.value)) form.append(name, value)
  return { body: form }
}

/** Sends through an instance in the words of the contract. */
export function gotSend(api: Got): AdapterSend {
  return async ({ method, url, headers, body, signal }: AdapterRequest): Promise<AdapterAnswer> => {
    const response = await api(url, {
      method,
      ...(headers === undefined ? {} : { headers: { ...headers } }),
      ...(body === undefined ? {} : gotBody(body)),
      ...(signal === undefined ? {} : { signal }),
    })
    return { status: response.statusCode, text: response.body, url: response.url }
  }
}
