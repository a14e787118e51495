// Two requests from a runtime that is not Node. Plain JavaScript: it runs as it is in Deno, in Bun and in a worker.
import { bearer, staticToken } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'

/** Throws unless the token reaches `api` and does not reach `other`; both tell what they got. */
export async function smoke(api, other) {
  const fetch = withAuth(bearer(staticToken('planted-token'), api))
  const own = await (await fetch(`${api}/whoami`)).json()
  if (own.authorization !== 'Bearer planted-token') throw new Error(`the API got ${JSON.stringify(own)}`)
  const foreign = await (await fetch(`${other}/whoami`)).json()
  if (foreign.authorization !== undefined) throw new Error(`another origin got ${JSON.stringify(foreign)}`)
}
