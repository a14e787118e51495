const styled = process.stdout.isTTY && !process.env['NO_COLOR']

/** A heading of the demo. */
export function heading(text: string): void {
  console.log(styled ? `\n\u001b[1m${text}\u001b[0m` : `\n${text}`)
}

/** Text, a little to the right. */
export function line(text: string): void {
  console.log(text.replaceAll(/^/gm, '   '))
}

/** Names and numbers. */
export function table(rows: readonly (readonly [string, number])[]): void {
  const width = Math.max(...rows.map(([name]) => name.length))
  for (const [name, count] of rows) line(`${name.padEnd(width)}  ${String(count).padStart(4)}`)
}
