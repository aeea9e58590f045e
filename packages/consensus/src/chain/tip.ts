/**
 * Where a chain ends, and whether a header continues it there.
 *
 * @module
 */
import { type Millis, refuse, type Verdict } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import type { ConsensusCode } from '../codes.ts'
import type { FinalityProof } from '../finality.ts'
import { blockId, type Header, NO_PARENT } from '../header.ts'
import type { Height } from '../replicated-log.ts'

/** The newest entry, or the place before the first. */
export interface Tip {
  readonly height: Height
  readonly time: Millis
  readonly id: Uint8Array
  /** 0 outside Byzantine agreement. */
  readonly view: number
  readonly epoch: number
  readonly proof: FinalityProof | undefined
}

export const NO_TIP: Tip = {
  height: 0,
  time: 0,
  id: NO_PARENT,
  view: 0,
  epoch: 0,
  proof: undefined,
}

export function tipOf(header: Header, proof: FinalityProof): Tip {
  const { height, time, epoch, bft } = header
  return { height, time, epoch, view: bft?.view ?? 0, id: blockId(proof.header), proof }
}

/** Whether a header whose parent is the tip belongs there: epoch, view, time and history. */
export function checkNext(
  tip: Tip,
  header: Header,
  epoch: number,
  historyRoot: Uint8Array,
): Verdict {
  if (header.epoch !== epoch) {
    return refused('consensus/epoch', `epoch ${epoch} runs, not ${header.epoch}`)
  }
  const parentView = header.epoch === tip.epoch ? tip.view : 0
  if (header.bft && header.bft.parentView !== parentView) {
    return refused('consensus/parent', 'the view of the parent is another')
  }
  if (header.time < tip.time) {
    return refused('consensus/time', 'the time lies before that of the parent')
  }
  if (!equalBytes(header.historyRoot, historyRoot)) {
    return refused('consensus/history-mismatch', 'the history root does not cover our history')
  }
  return { ok: true }
}

function refused(code: ConsensusCode, message: string) {
  return refuse(code, message)
}
