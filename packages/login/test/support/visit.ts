import { request } from 'node:http'
import { connect } from 'node:net'

/** What a program sends that is no browser, or one that lies. */
export interface Visit {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Where to connect, whatever the address says. */
  readonly address?: string
}

/** What came back. */
export interface Visited {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** One request on a connection of its own; redirects are not followed. */
export function visit(url: string, { method = 'GET', headers = {}, body, address }: Visit = {}): Promise<Visited> {
  const { hostname, port, pathname, search, host } = new URL(url)
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: address ?? hostname.replace(/^\[|\]$/g, ''),
        port,
        path: pathname + search,
        method,
        agent: false,
        headers: { host, ...headers },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Bytes as they are, and everything that comes back until the connection ends. */
export function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
}

/** The answer of a browser that follows the redirect to the page. */
export async function followed(first: Visited, from: string, address?: string): Promise<Visited> {
  const page = new URL(String(first.headers['location']), from).href
  return visit(page, address === undefined ? {} : { address })
}
