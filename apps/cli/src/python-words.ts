const headerWidth = 80

/** The first line of a dump, in the words of the openEO tool. Python counts code points. */
export function dumpHeader(path: string): string {
  const text = `### ${path} `
  return text + '#'.repeat(Math.max(0, headerWidth - Array.from(text).length))
}

/** What `paths` says about a file. */
export function fileWords({ mode, size }: { readonly mode?: number; readonly size?: number }): string {
  return mode === undefined || size === undefined ? 'does not exist' : `perms: 0o${mode.toString(8)}, size: ${size}B`
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** `repr` of a Python string: in it nothing can act on a terminal. `None` for what is not there. */
export function pythonRepr(text: string | undefined): string {
  if (text === undefined) return 'None'
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const inner = text.replace(/[\\\p{C}]|(?! )\p{Z}/gu, (char) => escapes.get(char) ?? pythonEscape(char))
  return `${quote}${quote === "'" ? inner.replaceAll("'", "\\'") : inner}${quote}`
}

function pythonEscape(char: string): string {
  const code = char.codePointAt(0) ?? 0
  if (code > 0xffff) return `\\U${code.toString(16).padStart(8, '0')}`
  return code > 0xff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`
}

/** `repr` of a Python list of strings. */
export function pythonList(texts: readonly string[]): string {
  return `[${texts.map(pythonRepr).join(', ')}]`
}
