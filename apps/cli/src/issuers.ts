import { issuerTable, type KnownIssuer } from '@latchkey/login/issuers'
import { UsageError } from './usage-error.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What may be typed in the place of an address: everything else has a dot, a colon or a slash. */
const isWord = (typed: string): boolean => /^[\w-]+$/.test(typed) && typed !== 'localhost'

/** The row of a name, in any case; `undefined` for an address and for a name that is not in the table. */
export function issuerNamed(typed: string, env: Env): KnownIssuer | undefined {
  if (!isWord(typed)) return undefined
  return issuerTable({ env }).find(({ name }) => name === typed.toLowerCase())
}

/** A name that is in no row: names the near ones. */
export function unknownName(typed: string, env: Env): UsageError {
  const words = issuerTable({ env }).map(({ name }) => name)
  const text = `${typed} is no address of an issuer, and no name that auth login lists.`
  return new UsageError(text, { typed, words })
}

/** A name that stands for many servers, and came without the address of one. */
export function addressMissing({ name, address = 'ADDRESS' }: KnownIssuer): UsageError {
  const text = `${name} is a kind of server: to log in, auth login ${name} ${address}; then that address stands for it.`
  return new UsageError(text)
}
