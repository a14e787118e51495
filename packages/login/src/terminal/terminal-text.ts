// Control, format (bidirectional and zero-width), private and unpaired characters, line separators: a terminal acts on them.
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Text that is not ours as a terminal may be given it: one line, control characters spelled out. */
export function terminalText(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}
