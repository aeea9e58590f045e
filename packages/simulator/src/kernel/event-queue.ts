/**
 * What is to happen, by simulated time; what is due at one instant happens in the order in which it
 * was asked for.
 *
 * @module
 */
export interface EventQueue {
  /** Simulated ms since the start; fractions allowed. */
  readonly now: number
  readonly size: number
  /** Runs `action` after `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void
  /** Runs the next event; false when there is none or it lies after `untilMs` (time then moves there). */
  next(untilMs: number): boolean
}

interface Event {
  readonly at: number
  readonly order: number
  action: (() => void) | undefined
}

const before = (a: Event, b: Event) => a.at < b.at || (a.at === b.at && a.order < b.order)

export function createEventQueue(): EventQueue {
  const heap: Event[] = []
  let now = 0
  let order = 0

  const push = (event: Event) => {
    let i = heap.length
    heap.push(event)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(event, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = event
  }
  const pop = (): Event => {
    const first = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1
      if (!before(heap[child]!, last)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return first
  }

  return {
    get now() {
      return now
    },
    get size() {
      return heap.length
    },
    after(delayMs, action) {
      const event: Event = { at: now + Math.max(0, delayMs), order, action }
      order += 1
      push(event)
      return () => {
        event.action = undefined
      }
    },
    next(untilMs) {
      while (heap.length > 0 && heap[0]!.at <= untilMs) {
        const { at, action } = pop()
        if (action === undefined) continue
        now = at
        action()
        return true
      }
      now = Math.max(now, untilMs)
      return false
    },
  }
}
