/**
 * Throughput of one lane, in Node and in a tab.
 *
 * @module
 */
import { chunkBytes } from './byte-line.ts'

/** Throughput of a download of `chunks`. */
export async function mebibytesPerSecond(
  chunks: number,
  run: () => Promise<void>,
): Promise<number> {
  const started = performance.now()
  await run()
  return (chunks * chunkBytes * 1_000) / 2 ** 20 / (performance.now() - started)
}
