// Control, format (bidirectional and zero-width), private and unpaired characters, line separators: a terminal acts on them.
const unprintable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu

const escaped = (character: string): string => {
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`
}

/** Text of a back-end as a person may be shown it: one line, control characters spelled out, cut to a length. */
export function shown(text: string, longest = 300): string {
  const line = text.slice(0, longest + 1).replace(unprintable, escaped)
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}

/** The same in quotes, as the Python client names things. */
export function quoted(text: string): string {
  return `'${shown(text)}'`
}
