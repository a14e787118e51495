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
