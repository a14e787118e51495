import { performance } from 'node:perf_hooks'

/** What the bootstrap administrator of a Keycloak made for tests is called. */
export const administrator = { username: 'admin', password: 'admin' } as const

/** One call of the admin REST API, with the address below `/admin`; gives the JSON answer, or the id of what was made. */
export type AdminCall = (method: string, path: string, body?: unknown) => Promise<unknown>

/** Its tokens live for a minute. */
const tokenMs = 30_000

/** The admin API of a Keycloak. */
export function adminCall(origin: string): AdminCall {
  let token: Promise<string> | undefined
  let until = 0
  return async (method, path, body) => {
    if (token === undefined || performance.now() > until) {
      token = tokenOf(origin)
      until = performance.now() + tokenMs
    }
    const headers = { authorization: `Bearer ${await token}`, 'content-type': 'application/json' }
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const answer = await fetch(`${origin}/admin${path}`, init)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`Keycloak: ${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? answer.headers.get('location')?.split('/').at(-1) : JSON.parse(text)
  }
}

async function tokenOf(origin: string): Promise<string> {
  const form = new URLSearchParams({ grant_type: 'password', client_id: 'admin-cli', ...administrator })
  const answer = await fetch(`${origin}/realms/master/protocol/openid-connect/token`, { method: 'POST', body: form })
  const { access_token: token } = (await answer.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`Keycloak at ${origin} does not know its administrator: ${answer.status}`)
  return token
}
