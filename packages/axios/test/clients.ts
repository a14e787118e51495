import { createReadStream, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AdapterAnswer, AdapterBody, AdapterRequest, AdapterSend } from '@latchkey/testkit/contracts/adapter-bench'
import type { AxiosInstance, AxiosResponse } from 'axios'

/** A file with this text, as a stream. */
export function fileStream(text: string): NodeJS.ReadableStream {
  const path = join(mkdtempSync(join(tmpdir(), 'latchkey-axios-')), 'upload')
  writeFileSync(path, text)
  return createReadStream(path)
}

/** A body as axios takes it. */
function axiosBody(body: AdapterBody): unknown {
  if (body.kind === 'json') return body.value
  if (body.kind === 'bytes') return Buffer.from(body.value)
  if (body.kind === 'params') return new URLSearchParams(body.value)
  if (body.kind === 'stream') return fileStream(body.value)
  const form = new FormData()
  for (const [name, value] of Object.entries(body.value)) form.append(name, value)
  return form
}

/** Where the answer came from in the end, as users of the two adapters find it. */
function finalUrl({ request }: AxiosResponse): string {
  const { url, res } = request as { url?: string; res?: { responseUrl?: string } }
  return res?.responseUrl ?? url ?? ''
}

/** Sends through an instance in the words of the contract. */
export function axiosSend(api: AxiosInstance): AdapterSend {
  return async ({ method, url, headers, body, signal }: AdapterRequest): Promise<AdapterAnswer> => {
    const response = await api.request<string>({
      method,
      url,
      // Without it axios makes JSON of objects only.
      headers: { ...headers, ...(body?.kind === 'json' ? { 'content-type': 'application/json' } : {}) },
      ...(body === undefined ? {} : { data: axiosBody(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    return { status: response.status, text: response.data, url: finalUrl(response) }
  }
}
