import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, systemClock } from '@latchkey/core'
import type { Connection } from '@openeo/js-client'
import { OpenEO } from '@openeo/js-client'
import { type World, type WorldOptions, world } from '../support/world.ts'

/** A connection of the real js-client to a back-end, and a home for its login. */
export interface Scene extends World {
  readonly connection: Connection
  readonly clock: Clock
  /** Lets this much time pass for us, in ms; the issuer does not notice. */
  pass(ms: number): void
  /** What the Python client leaves behind after a login. */
  storeAsPython(login?: string): Promise<void>
  /** The refresh tokens in its file, by client, under the issuer as Python has it. */
  refreshTokens(): Readonly<Record<string, { readonly refresh_token: string }>> | undefined
  /** The `authorization` of every request for a path below the root. */
  carried(path: string): readonly (string | undefined)[]
}

export const connectTo = ({ backend }: Pick<World, 'backend'>): Promise<Connection> => OpenEO.connect(backend.url)

export async function scene(options: WorldOptions = {}): Promise<Scene> {
  const made = await world(options)
  const { issuer, backend, env } = made
  const folder = join(env.HOME, 'openeo')
  const file = join(folder, 'refresh-tokens.json')
  let passed = 0
  return {
    ...made,
    connection: await connectTo(made),
    clock: {
      ...systemClock,
      now: () => systemClock.now() + passed,
      monotonic: () => systemClock.monotonic() + passed,
    },
    pass: (ms) => {
      passed += ms
    },
    storeAsPython: async (login = 'marie') => {
      const { refreshToken } = await issuer.issue({ login })
      const entry = { date: '2026-01-02T03:04:05Z', refresh_token: refreshToken }
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, JSON.stringify({ [issuer.issuer]: { script: entry } }, null, 2), { mode: 0o600 })
    },
    refreshTokens: () =>
      (JSON.parse(readFileSync(file, 'utf8')) as Record<string, ReturnType<Scene['refreshTokens']>>)[issuer.issuer],
    carried: (path) => backend.received(path).map(({ headers }) => headers['authorization']),
  }
}
