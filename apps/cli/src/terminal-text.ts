// Control, format (bidirectional and zero-width), private and unpaired characters, line separators: a terminal acts on them, or shows nothing.
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu

function spelled(character: string): string {
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}

/** Text from a server, a file or the command line as a terminal may be given it: one line, control characters spelled out. */
export function terminalText(text: string): string {
  return text.replace(unprintable, spelled)
}
