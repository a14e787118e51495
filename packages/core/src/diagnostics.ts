// Node's diagnostics_channel, where there is one: core imports no `node:` module.
interface Channel {
  readonly hasSubscribers: boolean
  publish(message: object): void
}

interface ChannelModule {
  channel(name: string): Channel
}

/** One refusal, and what was made of it. */
export interface RefusalMessage {
  /** Of the API; absent where the adapter does not say it. */
  readonly origin?: string | undefined
  readonly method?: string | undefined
  readonly status: number
  /** What the API did not like: the token, the strength of the login, the nonce of the proof. */
  readonly reason: 'token' | 'step-up' | 'nonce'
}

/**
 * What is published, by the name of its `node:diagnostics_channel`. Messages are plain objects without secrets.
 * Elsewhere than in Node nothing is published, and without a subscriber nothing is made.
 */
export interface DiagnosticsMessages {
  /** An exchange with an issuer begins. */
  readonly 'latchkey:token-requested': { readonly issuer: string; readonly clientId: string; readonly forced: boolean }
  /** It ended well. */
  readonly 'latchkey:token-renewed': {
    readonly issuer: string
    readonly clientId: string
    /** Epoch milliseconds. */
    readonly expiresAt?: number | undefined
    readonly durationMs: number
  }
  /** It did not. */
  readonly 'latchkey:token-failed': {
    readonly issuer: string
    readonly clientId: string
    readonly code: string
    readonly durationMs: number
  }
  /** An API refused what a request carried. */
  readonly 'latchkey:token-refused': RefusalMessage
  /** The request is sent once more. */
  readonly 'latchkey:request-replayed': RefusalMessage
  /** A redirect led away from the allowed origins: from here on nothing is carried. */
  readonly 'latchkey:left-origins': { readonly origin: string; readonly hop: number }
}

/** The names of all channels, for subscribers. */
export type DiagnosticsChannel = keyof DiagnosticsMessages

interface Runtime {
  readonly process?: { getBuiltinModule?: (name: string) => ChannelModule | undefined }
}

let channels: ((name: string) => Channel | undefined) | undefined

function channelOf(name: DiagnosticsChannel): Channel | undefined {
  if (channels === undefined) {
    const module = (globalThis as Runtime).process?.getBuiltinModule?.('node:diagnostics_channel')
    const known = new Map<string, Channel>()
    channels = (wanted) => {
      const channel = known.get(wanted) ?? module?.channel(wanted)
      if (channel !== undefined) known.set(wanted, channel)
      return channel
    }
  }
  return channels(name)
}

/** Publishes a message, which is made only when somebody listens. For adapter authors, and for this package. */
export function publish<N extends DiagnosticsChannel>(name: N, message: () => DiagnosticsMessages[N]): void {
  const channel = channelOf(name)
  if (channel?.hasSubscribers === true) channel.publish(message())
}
