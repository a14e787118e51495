import { statSync } from 'node:fs'
import { authConfigName, findPlace, type PlaceOptions, refreshTokensName } from './place.ts'
import { look, settled } from './private-file.ts'
import type { JsonObject } from './python-json.ts'
import { parseDocument } from './refresh-tokens.ts'

/** One of the two files that the openEO client shares. */
export interface SharedFile {
  /** As a person would name it: links are not followed. */
  readonly path: string
  /** Permission bits; absent when the file does not exist. */
  readonly mode?: number
  /** Bytes; absent when the file does not exist. */
  readonly size?: number
}

function sharedFile(path: string): SharedFile {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat === undefined ? { path } : { path, mode: stat.mode & 0o777, size: stat.size }
}

/** Where `auth-config.json` is, or would be. Creates nothing and does not judge its permissions. */
export function authConfigFile(options: PlaceOptions = {}): SharedFile {
  return sharedFile(findPlace('config', authConfigName, options).named)
}

/** Where `refresh-tokens.json` is, or would be. Creates nothing and does not judge its permissions. */
export function refreshTokensFile(options: PlaceOptions = {}): SharedFile {
  return sharedFile(findPlace('data', refreshTokensName, options).named)
}

/**
 * The whole of a shared file with every key in its place, for showing it; `undefined` when it does not exist.
 *
 * @throws `STORE_UNREADABLE`, `STORE_PERMISSIONS`
 */
export async function readDocument(path: string): Promise<JsonObject | undefined> {
  return (await settled(() => look(path, parseDocument)))?.value
}
