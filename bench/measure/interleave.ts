/**
 * Runs what is compared in turns, A B A B …, so that a busy machine slows both alike.
 *
 * @module
 */
import { median } from './figure.ts'

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

/** Longest time of one lane in one round: on a busy machine it does less, not longer. */
const laneMs = 1_000

/** Microseconds that each of at most `count` runs takes, one after the other. */
export async function microsEach(
  count: number,
  run: (index: number) => unknown | Promise<unknown>,
): Promise<number> {
  const started = performance.now()
  let done = 0
  while (done < count && (done === 0 || performance.now() - started < laneMs)) {
    await run(done)
    done += 1
  }
  return ((performance.now() - started) * 1_000) / done
}

/** At most `count` runs a second, with `inFlight` of them open at every moment. */
export async function ratePerSecond(
  count: number,
  inFlight: number,
  run: (index: number) => Promise<unknown>,
): Promise<number> {
  const started = performance.now()
  let next = 0
  const line = async () => {
    while (next < count && performance.now() - started < laneMs) {
      next += 1
      await run(next - 1)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, line))
  return (next * 1_000) / (performance.now() - started)
}

/** Median time in ms of at most `count` runs, one after the other. */
export async function medianMillis(count: number, run: () => Promise<void>): Promise<number> {
  const spent: number[] = []
  const started = performance.now()
  while (spent.length < count && (spent.length === 0 || performance.now() - started < laneMs)) {
    const before = performance.now()
    await run()
    spent.push(performance.now() - before)
  }
  return median(spent)
}
