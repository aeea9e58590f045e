/**
 * Latency and throughput of one lane, in Node and in a tab.
 *
 * @module
 */
import { median } from '../measure/figure.ts'
import { chunkBytes } from './byte-line.ts'

/** Median time of `count` runs, one after the other. */
export async function medianMillis(count: number, run: () => Promise<void>): Promise<number> {
  const spent: number[] = []
  for (let n = 0; n < count; n += 1) {
    const started = performance.now()
    await run()
    spent.push(performance.now() - started)
  }
  return median(spent)
}

export async function mebibytesPerSecond(
  chunks: number,
  run: () => Promise<void>,
): Promise<number> {
  const started = performance.now()
  await run()
  return (chunks * chunkBytes * 1_000) / 2 ** 20 / (performance.now() - started)
}
