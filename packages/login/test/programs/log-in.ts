// node log-in.ts ISSUER METHOD CLIENT [URL-FILE]: anybody's own CLI. Prints what came of it, as JSON, on stdout.
import { writeFileSync } from 'node:fs'
import { isAuthError, memoryStore, session } from '@latchkey/core'
import { interactiveLogin, type LoginMethod } from '@latchkey/login'

const [issuer = '', method, clientId = '', browser] = process.argv.slice(2)
const login = session({
  issuer,
  clientId,
  scope: 'openid offline_access profile',
  store: memoryStore(),
  login: interactiveLogin({
    method: method as LoginMethod | 'auto',
    browser,
    app: 'marine-tool',
    chosen: ({ method, reason }) =>
      process.env['CHOICE'] && writeFileSync(process.env['CHOICE'], `${method}: ${reason}`),
  }),
})
try {
  const { tokenType } = await login.getToken()
  process.stdout.write(`${JSON.stringify({ tokenType })}\n`)
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ code: isAuthError(error) ? error.code : String(error), message: String(error) })}\n`,
  )
  process.exitCode = 1
}
