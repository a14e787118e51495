// One process of a crowd: asks for a token as any script does and prints what it got, a JSON object a line.
import { writeSync } from 'node:fs'
import { deviceCode, isAuthError, session } from '@latchkey/core'
import { fileStore } from '@latchkey/file-store'

const [path = '', issuer = '', prompts = ''] = process.argv.slice(2)
const print = (line: object): void => {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

const login = session({
  issuer,
  clientId: 'script',
  scope: 'openid offline_access read',
  store: fileStore({ path }),
  ...(prompts === 'prompts' && {
    login: (client) => deviceCode(client, { prompt: ({ userCode }) => print({ prompt: userCode }) }),
  }),
})

try {
  const token = await login.getToken()
  print({ token: token.accessToken })
} catch (error) {
  print({ error: isAuthError(error) ? error.code : String(error) })
}
