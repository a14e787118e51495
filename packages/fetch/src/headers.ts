/** Headers in any of the forms that `fetch` takes. */
export type HeaderInput = NonNullable<RequestInit['headers']>

type Pair = [name: string, value: string]

function pairs(headers: HeaderInput): Pair[] {
  return [...((Symbol.iterator in headers ? headers : Object.entries(headers)) as Iterable<Pair>)]
}

/** Whether a header is there under any spelling. */
export function hasHeader(headers: HeaderInput, name: string): boolean {
  if (headers instanceof Headers) return headers.has(name)
  return pairs(headers).some(([other]) => other.toLowerCase() === name)
}

/** The same headers with ours set over what they have under these names. */
export function withHeaders(headers: HeaderInput | undefined, ours: Readonly<Record<string, string>>): HeaderInput {
  if (headers === undefined) return ours
  return [
    ...pairs(headers).filter(([name]) => !Object.hasOwn(ours, name.toLowerCase())),
    ...Object.entries(ours),
  ] as Pair[]
}

/** The same headers without some, named in lower case. */
export function withoutHeaders(headers: HeaderInput | undefined, names: ReadonlySet<string>): HeaderInput | undefined {
  return headers && pairs(headers).filter(([name]) => !names.has(name.toLowerCase()))
}
