/**
 * Lets concurrent writers share one sync: while a commit runs, what arrives waits, and the next
 * commit takes all of it. Order of arrival is kept. A commit that fails fails everybody in it, so
 * that nobody's later write overtakes an earlier one unseen.
 *
 * @module
 */
interface Waiting<Item, Result> {
  readonly item: Item
  readonly weight: number
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

export interface GroupCommit<Item, Result> {
  /** `weight`: the item's size, counted against `maxWeight`. */
  add(item: Item, weight: number): Promise<Result>
  /** Resolves when nothing is waiting or running. */
  settled(): Promise<void>
}

/**
 * `commit` makes its items durable and answers each, in order; it never runs twice at a time.
 * `gather` runs before each commit; the default lets callers of the same tick join. A commit that
 * blocks the thread must gather over a turn of the event loop, or it starves everything else.
 */
export function createGroupCommit<Item, Result>(
  maxWeight: number,
  commit: (items: readonly Item[]) => Promise<readonly Result[]>,
  gather: () => Promise<unknown> = async () => {},
): GroupCommit<Item, Result> {
  let waiting: Waiting<Item, Result>[] = []
  let running: Promise<void> | undefined

  const drain = async () => {
    while (waiting.length > 0) {
      await gather()
      let weight = 0
      let count = 0
      while (
        count < waiting.length &&
        (count === 0 || weight + waiting[count]!.weight <= maxWeight)
      ) {
        weight += waiting[count]!.weight
        count++
      }
      const group = waiting.slice(0, count)
      waiting = waiting.slice(count)
      try {
        const results = await commit(group.map(({ item }) => item))
        for (const [i, { resolve }] of group.entries()) resolve(results[i]!)
      } catch (error) {
        for (const { reject } of group) reject(error)
      }
    }
    running = undefined
  }

  return {
    add: (item, weight) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ item, weight, resolve, reject })
        running ??= drain()
      }),
    settled: async () => {
      while (running) await running
    },
  }
}
