/**
 * The sending half of a stream inside a call: numbers items, sends what the window allows, keeps
 * the rest, and tells its producer when to wait.
 *
 * @module
 */
import { type Fault, FederationError, refuse } from '@folkmoot/base'
import type { Item } from './bodies.ts'
import type { CallsCode } from './codes.ts'
import { itemCost } from './inflow.ts'

export interface Outflow {
  readonly nextN: number
  readonly sentBytes: number
  /** Bytes that the other side has handled. */
  readonly ackedBytes: number
  readonly waiting: readonly Uint8Array[]
  readonly ending: boolean
  readonly ended: boolean
}

export const emptyOutflow: Outflow = {
  nextN: 0,
  sentBytes: 0,
  ackedBytes: 0,
  waiting: [],
  ending: false,
  ended: false,
}

export interface OutflowStep {
  readonly flow: Outflow
  readonly send: readonly Item[]
  /** Number of items in all, when the end is to be sent now. */
  readonly end?: number
  readonly fault?: Fault
}

/** Whether the producer should go on; what it writes regardless is kept. */
export function isWritable(flow: Outflow): boolean {
  return flow.waiting.length === 0 && !flow.ending
}

/**
 * Takes one item from the producer.
 *
 * @throws FederationError `calls/item-too-large`, `calls/unexpected` after the end
 */
export function write(windowBytes: number, flow: Outflow, data: Uint8Array): OutflowStep {
  if (flow.ending) throw error('calls/unexpected', 'an item after the end')
  // The receiver acknowledges a quarter at a time, so a larger item could wait for ever.
  if (itemCost(data) > (windowBytes * 3) / 4) {
    throw error('calls/item-too-large', `an item of ${data.byteLength} bytes does not fit`)
  }
  return flush(windowBytes, { ...flow, waiting: [...flow.waiting, data] })
}

/** The producer is done. */
export function endWriting(windowBytes: number, flow: Outflow): OutflowStep {
  return flush(windowBytes, { ...flow, ending: true })
}

/** The other side has handled `upTo` bytes since the start. */
export function takeCredit(windowBytes: number, flow: Outflow, upTo: number): OutflowStep {
  if (upTo > flow.sentBytes) {
    const { fault } = refuse('calls/credit', 'bytes were acknowledged that were never sent')
    return { flow, send: [], fault }
  }
  return flush(windowBytes, { ...flow, ackedBytes: Math.max(flow.ackedBytes, upTo) })
}

function flush(windowBytes: number, flow: Outflow): OutflowStep {
  const send: Item[] = []
  let { nextN, sentBytes } = flow
  let taken = 0
  for (const data of flow.waiting) {
    if (sentBytes + itemCost(data) > flow.ackedBytes + windowBytes) break
    send.push({ n: nextN, data })
    nextN += 1
    sentBytes += itemCost(data)
    taken += 1
  }
  const waiting = flow.waiting.slice(taken)
  const ended = flow.ending && waiting.length === 0
  const next = { ...flow, nextN, sentBytes, waiting, ended }
  return ended && !flow.ended ? { flow: next, send, end: nextN } : { flow: next, send }
}

function error(code: CallsCode, message: string): FederationError {
  return new FederationError(code, message)
}
