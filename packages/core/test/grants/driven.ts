import {
  type Client,
  client,
  type DeviceCodeOptions,
  deviceCode,
  type GrantOptions,
  type TokenSet,
} from '@latchkey/core'
import { type ManualClock, manualClock, type Reply, type ScriptedIssuer, scriptedIssuer } from '@latchkey/testkit'
import { drive } from '../issuer/drive.ts'

/** The deadline of a request here: what tells it from a pause in the clock's list. */
const timeoutMs = 77_777

/** A device login at an issuer that answers as it is told, on a clock that moves from pause to pause. */
export interface DrivenLogin {
  readonly issuer: ScriptedIssuer
  readonly clock: ManualClock
  readonly client: Client
  /** Seconds slept before each poll, and at the end. */
  readonly pauses: readonly number[]
  /** Forms of the polls. */
  readonly polls: readonly Readonly<Record<string, string>>[]
  run(options?: Partial<DeviceCodeOptions>, how?: GrantOptions): Promise<TokenSet>
}

export const granted: Reply = { body: { access_token: 'AT', token_type: 'bearer', refresh_token: 'RT' } }
export const pending: Reply = { status: 400, body: { error: 'authorization_pending' } }

/** What the device endpoint answers unless told otherwise. */
export const deviceAnswer = {
  device_code: 'DC-secret',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://iam.example.org/device',
  expires_in: 600,
  interval: 5,
}

/**
 * @param device members of the device answer, or another answer altogether
 * @param polls the answers to polls, in their order; the last one for ever
 */
export async function drivenLogin(device: object, ...polls: readonly Reply[]): Promise<DrivenLogin> {
  const reply = 'body' in device ? (device as Reply) : { body: { ...deviceAnswer, ...device } }
  const issuer = await scriptedIssuer([{ request: 'POST /device_authorization', reply }])
  for (const [index, one] of polls.entries()) {
    const times = index === polls.length - 1 ? Number.POSITIVE_INFINITY : 1
    issuer.add({ request: 'POST /token', reply: one, times })
  }
  const clock = manualClock()
  const made = client({ issuer: issuer.issuer, clientId: 'c', clock, timeoutMs })
  const pauses = (): readonly number[] => clock.sleeps.filter((ms) => ms !== timeoutMs)
  const run = async (options: Partial<DeviceCodeOptions> = {}, how: GrantOptions = {}): Promise<TokenSet> => {
    const work = deviceCode(made, { prompt: () => undefined, ...options })(how)
    await drive(clock, work, pauses)
    return work
  }
  return {
    issuer,
    clock,
    client: made,
    run,
    get pauses() {
      return pauses().map((ms) => ms / 1000)
    },
    get polls() {
      return issuer.received('/token').map((request) => request.form)
    },
  }
}
