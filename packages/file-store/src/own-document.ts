import { join } from 'node:path'
import { findPlace, makePlace, type Place, type PlaceOptions, refreshTokensName } from './place.ts'
import { look, settled } from './private-file.ts'
import type { JsonObject } from './python-json.ts'
import { parseDocument } from './refresh-tokens.ts'

/** A document of ours beside the shared files: closed to others, replaced whole, merged under a lock. Not for secrets that a login needs. */
export interface OwnDocument {
  /** `undefined` when it does not exist. Nothing is created by asking. */
  read(): Promise<JsonObject | undefined>
  /** @param change changes the document in place; `false`: nothing is written */
  edit(change: (document: JsonObject) => boolean): Promise<void>
}

/**
 * Opens a document in the directory `latchkey` beside `refresh-tokens.json`. Made without touching the disk. Its
 * methods throw `STORE_UNREADABLE` and `STORE_PERMISSIONS`, `edit` also `STORE_WRITE`.
 *
 * @param name the file's name without `.json`, of this package's making: letters and hyphens
 */
export function ownDocument(name: string, options: PlaceOptions = {}): OwnDocument {
  const within = (place: Place): Place => {
    const file = join(place.directory, `${name}.json`)
    return { named: file, file, directory: place.directory }
  }
  return {
    read: async () => {
      const { file } = within(findPlace('data', refreshTokensName, options))
      return (await settled(() => look(file, parseDocument)))?.value
    },
    edit: async (change) => {
      const place = within(makePlace('data', refreshTokensName, options))
      const { editFile } = await import('./replace-file.ts')
      await editFile(place, `${name}.lock`, change)
    },
  }
}
