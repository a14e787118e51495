// One process of a crowd: asks for a token as any script does and prints what it got, as JSON.
import { writeSync } from 'node:fs'
import { isAuthError, session } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'

const [path = '', issuer = ''] = process.argv.slice(2)
const login = session({ issuer, clientId: 'script', store: fileStore({ path }) })
const said = await login.getToken().then(
  ({ accessToken }) => ({ token: accessToken }),
  (error: unknown) => ({ error: isAuthError(error) ? `${error.code}: ${error.message}` : String(error) }),
)
writeSync(1, JSON.stringify(said))
