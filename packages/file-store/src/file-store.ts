import { aborted, type Clock, type Login, type LoginKey, loginKey, systemClock, type TokenStore } from '@latchkey/core'
import { keysIn } from './keys.ts'
import { findPlace, keyFiles, makePlace, type Place, type PlaceOptions, refreshTokensName } from './place.ts'
import { glanceAtLogin, isOrphaned, readSnapshot, type Site } from './snapshot.ts'

/** Where the store is. */
export interface FileStoreOptions extends PlaceOptions {
  /** Gives dates and the order of tokens; default the clock of the machine. Waiting for other processes is always in real time. */
  readonly clock?: Clock | undefined
}

/** A {@link TokenStore} in files that the openEO Python client shares. */
export interface FileStore extends TokenStore {
  /**
   * The login at first sight, synchronously and without loading anything: what a command needs that prints a token.
   * `undefined`: there is none, or `get` has to be asked because a file is being written or needs mending. An answer
   * that nobody finished is not looked for.
   *
   * @throws `STORE_UNREADABLE`, `STORE_PERMISSIONS`
   */
  peek(key: LoginKey): Login | undefined
  /** Resolves when no update of this store is running in this process. */
  idle(): Promise<void>
  /** Waits for running updates and takes no more. */
  close(): Promise<void>
}

/**
 * A token store on disk: the default login of each issuer and client in `refresh-tokens.json` of the openEO Python
 * client, byte for byte as it writes it; all else, and named accounts, in a directory `latchkey` beside it.
 * Made without touching the disk.
 */
export function fileStore(options: FileStoreOptions = {}): FileStore {
  const clock = options.clock ?? systemClock
  const running = new Set<Promise<unknown>>()
  let closed = false
  const site = (place: Place, key: LoginKey): Site => {
    const normal = loginKey(key)
    return { place, files: keyFiles(place, normal), key: normal, clock }
  }
  const find = (): Place => findPlace('data', refreshTokensName, options)
  const make = (): Place => makePlace('data', refreshTokensName, options)
  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.allSettled(running)
  }
  return {
    async get(key, { signal } = {}) {
      if (signal?.aborted) throw aborted(signal)
      const here = site(find(), key)
      const snapshot = await readSnapshot(here)
      if (isOrphaned(snapshot)) await (await import('./forget-orphan.ts')).forgetOrphan(here)
      return snapshot.login
    },
    peek(key) {
      return glanceAtLogin(site(find(), key))
    },
    update(key, change, updateOptions) {
      if (closed) return Promise.reject(new Error('This store is closed.'))
      const begun = (async () => {
        const here = site(make(), key)
        const { updateLogin } = await import('./update-login.ts')
        return updateLogin(here, change, updateOptions)
      })()
      const update = begun.finally(() => running.delete(update))
      running.add(update)
      return update
    },
    keys: ({ signal } = {}) => keysIn(find(), (key) => site(find(), key), signal),
    idle,
    async close() {
      closed = true
      await idle()
    },
  }
}
