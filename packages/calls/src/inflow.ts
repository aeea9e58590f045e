/**
 * The receiving half of a stream inside a call: puts items in order, holds the sender to its
 * window, and grants credit for what was handled, not for what arrived.
 *
 * @module
 */
import { type Fault, refuse } from '@folkmoot/base'
import type { Item } from './bodies.ts'

/** Bytes a sender may have on the way unhandled: under the 4 MiB at which streams are cut. */
export const DEFAULT_WINDOW_BYTES = 1024 * 1024

/** Items held back for an earlier one: links of one call overlap for moments, not for long. */
const MAX_EARLY = 256

/** Counts towards the window even when it is empty, so that empty items are not free. */
const ITEM_COST = 16

/** What an item takes from the window. Both halves count alike. */
export function itemCost(data: Uint8Array): number {
  return data.byteLength + ITEM_COST
}

export interface Inflow {
  readonly nextN: number
  /** Arrived before an earlier one. */
  readonly early: ReadonlyMap<number, Uint8Array>
  readonly receivedBytes: number
  readonly handledBytes: number
  readonly creditedBytes: number
  /** Number of items in all, once the other side has said it. */
  readonly count: number | undefined
}

export const emptyInflow: Inflow = {
  nextN: 0,
  early: new Map(),
  receivedBytes: 0,
  handledBytes: 0,
  creditedBytes: 0,
  count: undefined,
}

export interface InflowStep {
  readonly flow: Inflow
  /** Items that are now in order. */
  readonly deliver: readonly Uint8Array[]
  /** Total to acknowledge, when it is time to. */
  readonly credit?: number
  /** The last item was delivered in this step. */
  readonly ended: boolean
  readonly fault?: Fault
}

const still = (flow: Inflow): InflowStep => ({ flow, deliver: [], ended: false })

export function isEnded(flow: Inflow): boolean {
  return flow.count !== undefined && flow.nextN >= flow.count
}

/** Takes one item; a repeated one changes nothing. */
export function takeItem(windowBytes: number, flow: Inflow, item: Item): InflowStep {
  if (item.n < flow.nextN || flow.early.has(item.n)) return still(flow)
  const receivedBytes = flow.receivedBytes + itemCost(item.data)
  if (receivedBytes > flow.creditedBytes + windowBytes) {
    return { ...still(flow), fault: fault('calls/window', 'more was sent than the window allows') }
  }
  if (flow.count !== undefined && item.n >= flow.count) {
    return { ...still(flow), fault: fault('calls/unexpected', 'an item after the end') }
  }
  if (item.n > flow.nextN && flow.early.size >= MAX_EARLY) {
    return { ...still(flow), fault: fault('calls/unexpected', 'too many items out of order') }
  }
  const early = new Map(flow.early).set(item.n, item.data)
  return inOrder({ ...flow, early, receivedBytes })
}

/** The other side says how many items there are. */
export function takeEnd(flow: Inflow, count: number): InflowStep {
  if (flow.count !== undefined) return still(flow)
  const highest = Math.max(flow.nextN, ...[...flow.early.keys()].map((n) => n + 1))
  if (count < highest) {
    return { ...still(flow), fault: fault('calls/unexpected', 'fewer items announced than sent') }
  }
  return inOrder({ ...flow, count })
}

/** The consumer is done with `cost` bytes (see {@link itemCost}). */
export function handled(windowBytes: number, flow: Inflow, cost: number): InflowStep {
  const handledBytes = Math.min(flow.receivedBytes, flow.handledBytes + cost)
  const next = { ...flow, handledBytes }
  // A quarter of the window at a time keeps the sender busy with few credits.
  if (isEnded(next) || handledBytes - flow.creditedBytes < windowBytes / 4) return still(next)
  return { ...still({ ...next, creditedBytes: handledBytes }), credit: handledBytes }
}

function inOrder(flow: Inflow): InflowStep {
  const early = new Map(flow.early)
  const deliver: Uint8Array[] = []
  let nextN = flow.nextN
  for (let data = early.get(nextN); data !== undefined; data = early.get(nextN)) {
    deliver.push(data)
    early.delete(nextN)
    nextN += 1
  }
  const next = { ...flow, early, nextN }
  return { flow: next, deliver, ended: isEnded(next) }
}

function fault(code: string, message: string): Fault {
  return refuse(code, message).fault
}
