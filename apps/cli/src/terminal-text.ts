// C0, DEL, C1, the bidirectional controls, line separators and the byte order mark: a terminal acts on them.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g

/** Text from a server, a file or the command line as a terminal may be given it: one line, control characters spelled out. */
export function terminalText(text: string): string {
  return text.replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
