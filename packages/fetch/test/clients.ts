import type { AdapterAnswer, AdapterBody, AdapterRequest } from '@latchkey/testkit/contracts/adapter-bench'

/** A body as `fetch` takes it. JSON needs its header. */
export function fetchBody(body: AdapterBody): {
  body: NonNullable<RequestInit['body']>
  type?: string
  duplex?: 'half'
} {
  switch (body.kind) {
    case 'json':
      return { body: JSON.stringify(body.value), type: 'application/json' }
    case 'bytes':
      return { body: body.value as Uint8Array<ArrayBuffer> }
    case 'params':
      return { body: new URLSearchParams(body.value) }
    case 'form': {
      const form = new FormData()
      for (const [name, value] of Object.entries(body.value)) form.append(name, value)
      return { body: form }
    }
    case 'stream':
      return { body: new Blob([body.value]).stream(), duplex: 'half' }
  }
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
