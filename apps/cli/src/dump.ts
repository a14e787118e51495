import { AuthError } from '@latchkey/core'
import { pythonJsonText, readDocument, redactedDocument, type SharedFile } from '@latchkey/file-store'
import type { Arguments, Flags } from './args.ts'
import { exitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { dumpHeader } from './python-words.ts'

export const dumpFlags: Flags = {
  'show-secrets': { help: "Don't redact secrets in the dump." },
  json: { help: 'Print the document alone, without the line that names the file.' },
}

/** Prints a shared file as the openEO tool does: the name first, so that it stands there when reading fails. */
export async function dump({ path }: SharedFile, { switches }: Arguments, io: Io): Promise<number> {
  if (!switches.get('json')) io.out(`${dumpHeader(path)}\n`)
  const document = await readDocument(path)
  if (document === undefined) throw new AuthError('STORE_UNREADABLE', `There is no file ${path}.`)
  io.out(`${pythonJsonText(switches.get('show-secrets') ? document : redactedDocument(document))}\n`)
  return exitCode.done
}
