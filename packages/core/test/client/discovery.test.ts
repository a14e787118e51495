import { client, type Fetch, type IssuerMetadata } from '@latchkey/core'
import { provider, type Reply, type ScriptedIssuer, type ScriptedOptions, scriptedIssuer } from '@latchkey/testkit'
import { afterEach, describe, expect, test } from 'vitest'
import { thrown } from '../issuer/thrown.ts'

let open: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()))
  open = []
})

const openid = 'GET /.well-known/openid-configuration'
const rfc8414 = 'GET /.well-known/oauth-authorization-server'

/** An issuer whose discovery is this table. */
async function issuerWith(
  table: (issuer: string) => Readonly<Record<string, Reply>>,
  options: ScriptedOptions = {},
): Promise<ScriptedIssuer> {
  const rows = (issuer: string) =>
    Object.entries(table(issuer)).map(([request, reply]) => ({ request, reply, times: Number.POSITIVE_INFINITY }))
  const made = await scriptedIssuer(rows, { noDiscovery: true, ...options })
  open.push(made)
  return made
}

const metadataOf = (issuer: string): Promise<IssuerMetadata> => client({ issuer, clientId: 'c' }).metadata()
const asked = (issuer: ScriptedIssuer): readonly string[] =>
  issuer.requests.map(({ method, path }) => `${method} ${path}`)
const document = (issuer: string): Reply => ({ body: { issuer, token_endpoint: `${issuer}/token` } })

describe('discovery', () => {
  test('of an OpenID provider asks one address', async () => {
    const issuer = await issuerWith((at) => ({ [openid]: document(at) }))
    expect(await metadataOf(issuer.issuer)).toEqual({ issuer: issuer.issuer, token_endpoint: `${issuer.issuer}/token` })
    expect(asked(issuer)).toEqual([openid])
  })

  const elsewhere: readonly (readonly [string, Reply])[] = [
    ['a 404', { status: 404 }],
    ['a 400', { status: 400, body: { error: 'invalid_request' } }],
    ['a 401', { status: 401 }],
    ['a page for every address', { headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['an object without an issuer', { body: { hello: 'world' } }],
  ]
  test.each(elsewhere)('goes on to RFC 8414 after %s', async (_, reply) => {
    const issuer = await issuerWith((at) => ({ [openid]: reply, [rfc8414]: document(at) }))
    expect((await metadataOf(issuer.issuer)).issuer).toBe(issuer.issuer)
    expect(asked(issuer)).toEqual([openid, rfc8414])
  })

  test('puts the well-known part behind the path of an OpenID issuer, before that of an RFC 8414 one', async () => {
    const embedded = await provider({ path: '/realms/x' })
    open.push(embedded)
    expect((await metadataOf(embedded.issuer)).issuer).toBe(embedded.issuer)
    const paths: string[] = []
    const fetch: Fetch = async (input) => {
      paths.push(new URL(input).pathname)
      return paths.length === 1 ? new Response('', { status: 404 }) : Response.json({ issuer: 'https://a.example/b/c' })
    }
    await client({ issuer: 'https://a.example/b/c/', clientId: 'c', fetch }).metadata()
    expect(paths).toEqual(['/b/c/.well-known/openid-configuration', '/.well-known/oauth-authorization-server/b/c'])
  })

  test('that finds nothing says where it looked and what to check', async () => {
    const issuer = await issuerWith(() => ({ [openid]: { status: 404 }, [rfc8414]: { status: 404 } }))
    const error = await thrown(metadataOf(issuer.issuer))
    expect(error.code).toBe('DISCOVERY_FAILED')
    expect(error.message).toBe(
      `The metadata of ${issuer.issuer} could not be read. There is none at ${issuer.issuer}/.well-known/openid-configuration. Check the issuer's address.`,
    )
  })

  test('refused with an OAuth error does not blame the client', async () => {
    const refusal = { status: 401, body: { error: 'unauthorized' } }
    const issuer = await issuerWith(() => ({ [openid]: refusal, [rfc8414]: refusal }))
    expect(await thrown(metadataOf(issuer.issuer))).toMatchObject({ code: 'DISCOVERY_FAILED' })
  })
})

describe('the issuer that a document names', () => {
  const spelled = (named: string, asked: string): Promise<IssuerMetadata> =>
    client({ issuer: asked, clientId: 'c', fetch: async () => Response.json({ issuer: named }) }).metadata()

  test.each([
    ['https://a.example', 'https://a.example'],
    ['https://a.example/', 'https://a.example'],
    ['https://a.example', 'https://a.example/'],
    ['https://a.example/b/', 'https://a.example/b'],
    ['https://a.example/b', 'https://a.example/b/'],
    ['https://a.example/b', 'https://A.Example:443/b'],
  ])('%s will do for %s', async (named, asked) => {
    expect((await spelled(named, asked)).issuer).toBe(named)
  })

  test.each([
    ['https://evil.example', 'https://a.example'],
    ['https://a.example/b', 'https://a.example/c'],
    ['https://a.example/B', 'https://a.example/b'],
    ['https://a.example/%62', 'https://a.example/b'],
    ['https://a.example/b?x', 'https://a.example/b'],
    ['https://A.example/b', 'https://a.example/b'],
    ['https://a.example:443/b', 'https://a.example/b'],
    ['https://a.example/x/../b', 'https://a.example/b'],
    ['http://a.example', 'https://a.example'],
    ['a.example', 'https://a.example'],
  ])('%s will not do for %s, and both are told', async (named, asked) => {
    const error = await thrown(spelled(named, asked))
    expect(error.code).toBe('DISCOVERY_FAILED')
    expect(error.message).toContain(`The metadata of ${asked} could not be read.`)
    expect(error.message).toContain(`speaks for another issuer, ${named}. Use that as the issuer if`)
  })

  test('is not sought a second time where it is another one', async () => {
    const issuer = await issuerWith((at) => ({ [openid]: document('https://evil.example'), [rfc8414]: document(at) }))
    expect(await thrown(metadataOf(issuer.issuer))).toMatchObject({ code: 'DISCOVERY_FAILED' })
    expect(asked(issuer)).toEqual([openid])
  })

  test('is shown without what a terminal would act on', async () => {
    const error = await thrown(spelled('https://evil.example/\u001b[2J\u202e', 'https://a.example'))
    expect(error.message).toContain('https://evil.example/\\u001b[2J\\u202e')
  })
})

describe('the metadata of an issuer', () => {
  test('is asked for once, by however many clients and callers, with or without a slash', async () => {
    const issuer = await issuerWith((at) => ({ [openid]: document(at) }))
    const clients = Array.from({ length: 8 }, (_, n) =>
      client({ issuer: n % 2 ? issuer.issuer : `${issuer.issuer}/`, clientId: `c${n}` }),
    )
    await Promise.all(
      clients.flatMap((one) => [one.metadata(), one.metadata({ signal: new AbortController().signal })]),
    )
    await metadataOf(issuer.issuer)
    expect(asked(issuer)).toEqual([openid])
  })

  test('cannot be changed by those who see it', async () => {
    const issuer = await issuerWith((at) => ({ [openid]: document(at) }))
    expect(Object.isFrozen(await metadataOf(issuer.issuer))).toBe(true)
  })

  test('is asked for by each fetch on its own', async () => {
    const issuer = await issuerWith((at) => ({ [openid]: document(at) }))
    const other: Fetch = (input, init) => fetch(input, init)
    await metadataOf(issuer.issuer)
    await client({ issuer: issuer.issuer, clientId: 'c', fetch: other }).metadata()
    await client({ issuer: issuer.issuer, clientId: 'd', fetch: other }).metadata()
    expect(asked(issuer)).toEqual([openid, openid])
  })

  test('is asked for again after a failure, once for all who ask then', async () => {
    const issuer = await scriptedIssuer([], { noDiscovery: true })
    open.push(issuer)
    for (const request of [openid, rfc8414]) issuer.add({ request, reply: { status: 403 } })
    const made = client({ issuer: issuer.issuer, clientId: 'c' })
    // Each comes back at once, while the failure is still being told to the others.
    const again = Array.from({ length: 4 }, () => made.metadata().catch(() => made.metadata()))
    issuer.add({ request: openid, reply: document(issuer.issuer) })
    expect(new Set(await Promise.all(again)).size).toBe(1)
    expect(asked(issuer)).toEqual([openid, rfc8414, openid])
  })

  test('still comes to the others when one caller gives up', async () => {
    const issuer = await issuerWith((at) => ({ [openid]: { ...document(at), delay: 30 } }))
    const made = client({ issuer: issuer.issuer, clientId: 'c' })
    const controller = new AbortController()
    const gone = thrown(made.metadata({ signal: controller.signal }))
    const stays = made.metadata()
    controller.abort('enough')
    expect(await gone).toMatchObject({ code: 'ABORTED', cause: 'enough' })
    expect((await stays).issuer).toBe(issuer.issuer)
    expect(asked(issuer)).toEqual([openid])
  })
})
