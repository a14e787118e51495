export function title(text: string): void {
  console.log(`\n${text}`)
}

/** A row: what, how much, and whether it is what was aimed at. */
export function row(what: string, value: string, goal?: { readonly text: string; readonly met: boolean }): void {
  const verdict = goal === undefined ? '' : `   goal ${goal.text}: ${goal.met ? 'met' : 'MISSED'}`
  console.log(`  ${what.padEnd(58)} ${value.padStart(14)}${verdict}`)
}
