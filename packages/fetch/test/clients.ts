import type { AdapterAnswer, AdapterBody, AdapterRequest } from '@latchkey/testkit/contracts/adapter-bench'

interface FetchBody {
  readonly body: NonNullable<RequestInit['body']>
  readonly type?: string
  readonly duplex?: 'half'
}

/** A body as `fetch` takes it. JSON needs its header. */
function fetchBody(body: AdapterBody): FetchBody {
  if (body.kind === 'json') return { body: JSON.stringify(body.value), type: 'application/json' }
  if (body.kind === 'bytes') return { body: body.value as Uint8Array<ArrayBuffer> }
  if (body.kind === 'params') return { body: new URLSearchParams(body.value) }
  if (body.kind === 'stream') return { body: new Blob([body.value]).stream(), duplex: 'half' }
  const form = new FormData()
  for (const [name, value] of Object.entries(body.value)) form.append(name, value)
  return { body: form }
}

/** A request of the contract as the `init` of `fetch`. */
export function fetchInit({ method, headers, body, signal }: AdapterRequest): RequestInit {
  const carried = body === undefined ? {} : fetchBody(body)
  const { type, ...rest } = { type: undefined, ...carried }
  const named = { ...headers, ...(type === undefined ? {} : { 'content-type': type }) }
  return {
    method,
    ...rest,
    ...(Object.keys(named).length > 0 ? { headers: named } : {}),
    ...(signal ? { signal } : {}),
  }
}

/** What came back, in the words of the contract. */
export async function adapterAnswer(response: Response): Promise<AdapterAnswer> {
  return { status: response.status, text: await response.text(), url: response.url }
}
