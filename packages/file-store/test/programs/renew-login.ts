// Asks for tokens of one shared login for some seconds, and says which refresh tokens it sent and what went wrong.
import { writeSync } from 'node:fs'
import { isAuthError, session } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'
import { sentRefreshToken } from '../support/sent-refresh-token.ts'

const [path = '', issuer = '', seconds = ''] = process.argv.slice(2)
const sent: (readonly [token: string, status: number])[] = []
const errors: Record<string, number> = {}
let tokens = 0

const login = session({
  issuer,
  clientId: 'script',
  store: fileStore({ path }),
  fetch: async (input, init) => {
    const response = await fetch(input, init)
    const refreshToken = sentRefreshToken(init)
    if (refreshToken !== undefined) sent.push([refreshToken, response.status])
    return response
  },
})
// Each part of the scope is a renewal of its own: more of them in the same time.
const sources = [login, ...['openid', 'read', 'write'].map((scope) => login.narrow({ scope }))]

const end = Date.now() + Number(seconds) * 1_000
while (Date.now() < end) {
  for (const source of sources) {
    try {
      await source.getToken()
      tokens++
    } catch (error) {
      const code = isAuthError(error) ? error.code : String(error)
      errors[code] = (errors[code] ?? 0) + 1
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 40))
}
writeSync(1, `${JSON.stringify({ tokens, sent, errors })}\n`)
