import { withAuth } from '@latchkey/fetch'
import { expect, test } from 'vitest'
import { world } from './support/world.ts'

test('the one call logs a person in by device flow, and requests then carry the prefixed token', async () => {
  const { connect, issuer, backend } = await world()
  const connected = await connect()
  const prompts: string[] = []
  const authentication = await connected.authenticate({
    prompt: async (prompt) => {
      prompts.push(prompt.userCode)
      await issuer.approve(prompt.userCode)
    },
  })
  expect(prompts).toHaveLength(1)
  expect(authentication).toMatchObject({ method: 'device', provider: { id: 'egi' }, choice: { client: { clientId: 'script', pkce: true } } })
  const fetch = withAuth(authentication.authorizer)
  const answer = await fetch(`${connected.root}/me`)
  expect([answer.status, await answer.json()]).toMatchObject([200, { user_id: 'marie' }])
  const { accessToken } = await authentication.source.getToken()
  expect(backend.received('/me')[0]?.headers['authorization']).toBe(`Bearer oidc/egi/${accessToken}`)
})
