/**
 * The useful share of a worker's time over some units, in Node and in a tab.
 *
 * @module
 */
import type { Contribution } from '@folkmoot/federation'

/** Lets a worker that rests compute `units` more and give them away. */
export async function computeUnits(
  contribution: Contribution,
  units: number,
): Promise<{ readonly share: number; readonly perSecond: number }> {
  const before = contribution.peek()
  contribution.resume()
  const enough = Promise.withResolvers<void>()
  const unsubscribe = contribution.subscribe(() => {
    if (contribution.peek().done >= before.done + units - 1) enough.resolve()
  })
  await enough.promise
  unsubscribe()
  await contribution.finish()
  const after = contribution.peek()
  const activeMs = after.activeMs - before.activeMs
  return {
    share: (after.usefulMs - before.usefulMs) / activeMs,
    perSecond: ((after.done - before.done) * 1_000) / activeMs,
  }
}
