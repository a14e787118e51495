import { describe, expect, test } from 'vitest'
import { choose } from '../src/choose.ts'
import { parseProviders } from '../src/providers.ts'

const good = { id: 'egi', issuer: 'https://aai.egi.eu/auth/realms/egi/', title: 'EGI' }

describe('a list of providers', () => {
  test('gives what the back-end says, the issuer as it is listed', () => {
    const clients = [{ id: 'c', grant_types: ['refresh_token'], redirect_urls: ['http://localhost:1410/'] }]
    const parameters = { access_type: 'offline', max_age: 5, consent: true, nested: {}, nothing: null }
    const entry = {
      ...good,
      scopes: ['openid', 'email'],
      default_clients: clients,
      authorization_parameters: parameters,
    }
    expect(parseProviders({ providers: [entry] })).toEqual({
      providers: [
        {
          ...good,
          scopes: ['openid', 'email'],
          defaultClients: [{ id: 'c', grantTypes: ['refresh_token'], redirectUrls: ['http://localhost:1410/'] }],
          authorizationParameters: { access_type: 'offline', max_age: '5', consent: 'true' },
        },
      ],
      skipped: [],
    })
  })

  test.each([
    ['no object', 7, 'number 1: passed over, it is no object'],
    ['null', null, 'number 1: passed over, it is no object'],
    ['no id', { ...good, id: undefined }, 'number 1: passed over, its id cannot stand in a header'],
    ['a number for an id', { ...good, id: 5 }, 'its id cannot stand in a header'],
    ['a slash in its id', { ...good, id: 'a/b' }, "'a/b': passed over, its id cannot stand in a header"],
    ['a line break in its id', { ...good, id: 'a\r\nx: y' }, "'a\\u000d\\u000ax: y': passed over"],
    ['no issuer', { ...good, issuer: undefined }, "its issuer '' is no https address"],
    [
      'an issuer without https',
      { ...good, issuer: 'http://aai.egi.eu/' },
      "its issuer 'http://aai.egi.eu/' is no https",
    ],
    ['an issuer with a query', { ...good, issuer: 'https://a.example/?x=1' }, 'is no https address without query'],
    ['an issuer with a password', { ...good, issuer: 'https://u:p@a.example/' }, 'is no https address'],
    ['an issuer with escapes', { ...good, issuer: 'https://a.exa\u001b[31mmple/' }, "'https://a.exa\\u001b[31mmple/'"],
    ['a flood for an issuer', { ...good, issuer: `https://a.example${'/'.repeat(500_000)}x` }, 'is no https address'],
    ['a script for an issuer', { ...good, issuer: 'javascript:alert(1)' }, 'is no https address'],
  ])('passes over an entry with %s, says why, and keeps the rest', (_, entry, why) => {
    const other = { ...good, id: 'other' }
    const { providers, skipped } = parseProviders({ providers: [entry, other] })
    expect(providers.map(({ id }) => id)).toEqual(['other'])
    expect(skipped.join()).toContain(why)
    expect(
      choose(
        { url: 'https://x.example', listed: { providers, skipped }, configured: new Map(), env: {} },
        { clientId: 'c' },
      ).reasons.join(),
    ).toContain(why)
  })

  test('passes over a second provider of one id', () => {
    const { providers, skipped } = parseProviders({ providers: [good, { ...good, issuer: 'https://evil.example/' }] })
    expect(providers.map(({ issuer }) => issuer)).toEqual([good.issuer])
    expect(skipped).toEqual(["Provider 'egi': passed over, its id is listed before."])
  })

  test.each([{ providers: {} }, { providers: 'egi' }, { providers: null }, {}, undefined])(
    'of %j has none',
    (document) => {
      expect(parseProviders(document)).toEqual({
        providers: [],
        skipped: ['The providers of the back-end are no list.'],
      })
    },
  )

  test('survives members of any type, and a title with escapes is spelled out', () => {
    const odd = {
      ...good,
      title: 'EGI \u001b]0;owned\u0007\u202e',
      scopes: 'openid',
      default_clients: 'c',
      authorization_parameters: [1],
    }
    const { providers, skipped } = parseProviders({ providers: [odd] })
    expect(providers[0]).toMatchObject({
      title: 'EGI \\u001b]0;owned\\u0007\\u202e',
      scopes: [],
      defaultClients: [],
    })
    expect(skipped).toEqual(["Provider 'egi': its default clients are no list."])
  })

  test('passes over default clients without an id, and scopes and grants that are no words', () => {
    const clients = [null, { grant_types: [] }, { id: 'a\nb' }, { id: 'c', grant_types: ['x', 5, null] }]
    const { providers, skipped } = parseProviders({
      providers: [{ ...good, scopes: ['a b', '', 'ok', 4], default_clients: clients }],
    })
    expect(providers[0]?.defaultClients).toEqual([{ id: 'c', grantTypes: ['x'], redirectUrls: [] }])
    expect(providers[0]?.scopes).toEqual(['ok'])
    expect(skipped).toHaveLength(3)
  })
})
