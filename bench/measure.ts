/** What is compared in one run. */
export interface Contender {
  readonly name: string
  /** Does the thing `times` times. */
  run(times: number): Promise<void>
}

/** CPU time of this process for one call, in µs. */
async function cpu(contender: Contender, times: number): Promise<number> {
  const start = process.cpuUsage()
  await contender.run(times)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / times
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Medians of all rounds, and of the ratio to the first contender in the same round. */
export interface Measured {
  readonly name: string
  readonly microseconds: number
  readonly ratio: number
  /** µs more than the first contender in the same round. */
  readonly added: number
}

/**
 * CPU µs a call, contenders taking turns in every round: the machine is shared and swings, so only what was measured
 * in the same round is compared.
 */
export async function compare(
  contenders: readonly Contender[],
  rounds: number,
  times: number,
): Promise<readonly Measured[]> {
  const samples = contenders.map((): number[] => [])
  for (const contender of contenders) await contender.run(times)
  for (let round = 0; round < rounds; round++) {
    // Alternating, so that neither always follows the other's garbage.
    const order = contenders.map((_, index) => (round % 2 === 0 ? index : contenders.length - 1 - index))
    for (const index of order) {
      const contender = contenders[index]
      if (contender !== undefined) samples[index]?.push(await cpu(contender, times))
    }
  }
  const [base = []] = samples
  return contenders.map(({ name }, index) => {
    const own = samples[index] ?? []
    return {
      name,
      microseconds: median(own),
      ratio: median(own.map((value, round) => value / (base[round] ?? Number.NaN))),
      added: median(own.map((value, round) => value - (base[round] ?? Number.NaN))),
    }
  })
}

/** Wall time of something done several times, in ms: median. */
export async function wall(times: number, run: (index: number) => Promise<void> | void): Promise<number> {
  const samples: number[] = []
  for (let index = 0; index < times; index++) {
    const start = performance.now()
    await run(index)
    samples.push(performance.now() - start)
  }
  return median(samples)
}
