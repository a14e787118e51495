import type { Outcome } from './command.ts'

/** One check: its name, and what runs it. */
export type Check = readonly [name: string, run: () => Outcome | Promise<Outcome>]

/** Runs checks one after another: a line each with its time, and the output of those that fail. Gives how many failed. */
export async function report(checks: readonly Check[]): Promise<number> {
  let failed = 0
  for (const [name, run] of checks) {
    const start = performance.now()
    const { ok, output, note } = await run()
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(
      `${ok ? 'ok  ' : 'FAIL'} ${name.padEnd(34)} ${seconds.padStart(5)} s${note === undefined ? '' : `  (${note})`}`,
    )
    if (ok) continue
    console.log(output)
    failed++
  }
  console.log(failed === 0 ? `${checks.length} checks passed` : `${failed} of ${checks.length} checks failed`)
  return failed
}
