/**
 * Waits for a condition with a generous limit; how fast it came is a benchmark's question.
 *
 * @module
 */

/** @throws Error naming `what` when it did not come true in `limitMs` */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`did not happen in ${limitMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}
