/**
 * The sequence that puts text on the clipboard of the terminal's own machine, also over ssh (OSC 52). Terminals that do
 * not know it, or may not, show nothing.
 */
export function copySequence(text: string): string {
  return `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`
}
