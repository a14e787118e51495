// node examples/own-cli.ts: a program of your own that logs people in. With --yourself you are the person.
import { bearer, memoryStore, session } from '@latchkey/core'
import { withAuth } from '@latchkey/fetch'
import { interactiveLogin, type Spawn, type Terminal } from '@latchkey/login'
import { protectedApi, provider } from '@latchkey/testkit'

/** The program: in yours `store` is `fileStore()`, and `terminal` is left out. */
async function jobs(issuer: string, api: string, terminal?: Partial<Terminal>): Promise<void> {
  const scope = 'openid offline_access'
  const person = interactiveLogin({ app: 'jobs', ...(terminal && { terminal }) })
  const login = session({ issuer, clientId: 'browser', scope, store: memoryStore(), login: person })
  const fetch = withAuth(bearer(login, api))
  for (const path of ['/jobs', '/jobs/1']) {
    const response = await fetch(api + path)
    console.log(`GET ${path}:`, response.status, await response.text())
  }
  await login.logout()
}

// What stands in for your issuer and your API.
const issuer = await provider()
const server = await protectedApi({ verify: issuer.verify })

/** A person at a terminal with a browser, who signs in and says yes. */
function played(): Partial<Terminal> {
  const spawn: Spawn = (_program, [address = '']) => {
    void issuer.signIn(address).then(async ({ url }) => fetch(url))
    return { once: () => undefined, unref: () => undefined }
  }
  const write = (text: string): void => console.log(text.replace(/(\/auth\?)\S+/, '$1…').trim())
  return { spawn, env: { DISPLAY: ':0', TERM: 'dumb' }, platform: 'linux', stderr: { isTTY: true, write } }
}

try {
  await jobs(issuer.issuer, server.origin, process.argv.includes('--yourself') ? undefined : played())
  console.log(`${issuer.stats.refreshes} refreshes, one login`)
} finally {
  await Promise.all([issuer.close(), server.close()])
}
