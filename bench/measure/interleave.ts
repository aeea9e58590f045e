/**
 * Runs what is compared in turns, A B A B …, so that a busy machine slows both alike.
 *
 * @module
 */

/** Measures once and answers the value. */
export type Lane = () => Promise<number>

export interface InterleaveInit {
  /** Counted repetitions; at least 5 for a figure that is kept. */
  readonly repetitions: number
  /** Rounds before them that are thrown away. */
  readonly warmUp?: number
}

/** One value per lane and repetition. */
export async function interleave<Name extends string>(
  lanes: Readonly<Record<Name, Lane>>,
  { repetitions, warmUp = 1 }: InterleaveInit,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(lanes) as Name[]
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    Name,
    number[]
  >
  for (let round = -warmUp; round < repetitions; round += 1) {
    for (const name of names) {
      const value = await lanes[name]()
      if (round >= 0) samples[name].push(value)
    }
  }
  return samples
}

/** Microseconds that each of `count` runs takes, one after the other. */
export async function microsEach(
  count: number,
  run: (index: number) => unknown | Promise<unknown>,
): Promise<number> {
  const started = performance.now()
  for (let index = 0; index < count; index += 1) await run(index)
  return ((performance.now() - started) * 1_000) / count
}

/** Runs a second, with `inFlight` of them open at every moment. */
export async function ratePerSecond(
  count: number,
  inFlight: number,
  run: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0
  const line = async () => {
    while (next < count) {
      next += 1
      await run(next - 1)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: inFlight }, line))
  return (count * 1_000) / (performance.now() - started)
}
