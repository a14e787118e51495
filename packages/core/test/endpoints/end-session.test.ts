import { authorizationCode, client, endSessionUrl } from '@latchkey/core'
import { provider, scriptedIssuer } from '@latchkey/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

const scripted = async (endpoint: unknown) => {
  const issuer = await scriptedIssuer([], { metadata: { end_session_endpoint: endpoint } })
  onTestFinished(() => issuer.close())
  return client({ issuer: issuer.issuer, clientId: 'c' })
}

describe('the address that ends a session', () => {
  test('is one that an OpenID provider takes', async () => {
    const back = 'https://app.example.org/bye'
    const redirectUri = 'https://app.example.org/callback'
    const at = await provider({
      clients: [
        {
          client_id: 'web',
          client_secret: 'a secret',
          grant_types: ['authorization_code'],
          response_types: ['code'],
          redirect_uris: [redirectUri],
          post_logout_redirect_uris: [back],
        },
      ],
    })
    onTestFinished(() => at.close())
    const made = client({ issuer: at.issuer, clientId: 'web', clientSecret: 'a secret', scope: 'openid' })
    const receive = async ({ url }: { readonly url: string }) => (await at.signIn(url)).url
    const { idToken } = await authorizationCode(made, { redirectUri, receive })()
    const url = await endSessionUrl(made, { idTokenHint: idToken, postLogoutRedirectUri: back, state: 'x y' })
    const page = await fetch(url, { redirect: 'manual' })
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('/session/end/confirm')])
    const stranger = await endSessionUrl(made, { idTokenHint: idToken, postLogoutRedirectUri: 'https://evil.example/' })
    expect((await fetch(stranger, { redirect: 'manual' })).status).toBe(400)
  })

  test('has what it was given, beside what stands in it already', async () => {
    const made = await scripted('https://iam.example.org/logout?tenant=1')
    expect(await endSessionUrl(made)).toBe('https://iam.example.org/logout?tenant=1&client_id=c')
    const options = {
      idTokenHint: 'a.b.c',
      postLogoutRedirectUri: 'https://x.example/',
      state: 's',
      logoutHint: 'marie',
    }
    expect(await endSessionUrl(made, options)).toBe(
      'https://iam.example.org/logout?tenant=1&client_id=c&id_token_hint=a.b.c&post_logout_redirect_uri=https%3A%2F%2Fx.example%2F&state=s&logout_hint=marie',
    )
  })

  test('is none where the issuer has none, or one that no browser may be sent to', async () => {
    expect(await thrown(endSessionUrl(await scripted(undefined)))).toMatchObject({ code: 'UNSUPPORTED' })
    for (const unfit of ['javascript:alert(1)', 'http://iam.example.org/logout', 'file:///x']) {
      expect(await thrown(endSessionUrl(await scripted(unfit)))).toMatchObject({ code: 'RESPONSE_INVALID' })
    }
  })
})
