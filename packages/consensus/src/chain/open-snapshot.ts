/**
 * Checks what a snapshot claims, from the charter on: who decided in each epoch, that its entry is
 * final, and that its history is the one that was signed.
 *
 * @module
 */
import { FederationError, type Verdict } from '@folkmoot/base'
import { equalBytes } from '@folkmoot/codec'
import type { Checker } from '@folkmoot/identity'
import { type CharterFacts, type KnownEpochs, verifyEpochChain } from '../bft/epoch-chain.ts'
import type { ConsensusCode } from '../codes.ts'
import { verifyFinality } from '../finality.ts'
import { type Header, parseHeader } from '../header.ts'
import type { Snapshot } from '../replicated-log.ts'
import { HistoryLeaves } from './history-leaves.ts'

export interface OpenedSnapshot {
  readonly epochs: KnownEpochs
  readonly leaves: HistoryLeaves
  readonly header: Header
}

/** @throws FederationError `consensus/snapshot` */
export async function openSnapshot(
  checker: Checker,
  facts: CharterFacts,
  { proof, history, epochs: links }: Snapshot,
): Promise<OpenedSnapshot> {
  const { sets: epochs } = demand(await verifyEpochChain(checker, facts, links))
  const final = demand(await verifyFinality(checker, epochs.anchor, proof))
  const { header } = demand(parseHeader(proof.header))
  // The newest link may be about this very entry; else the entry belongs to the epoch that runs.
  const [newest] = links.slice(-1)
  const isEnd = newest !== undefined && equalBytes(newest.proof.header, proof.header)
  if (!isEnd && (header.epoch !== epochs.current || header.nextSetHash)) {
    throw broken('the voters since are not the ones that decided')
  }
  const leaves = HistoryLeaves.unpack(history)
  const whole = history.length === 32 * (final.height - 1)
  if (!whole || !equalBytes(leaves.root(), final.historyRoot)) {
    throw broken('the history is not the one that was signed')
  }
  for (const link of isEnd ? links.slice(0, -1) : links) {
    const end = demand(parseHeader(link.proof.header)).header
    if (!leaves.holds(end.height, link.proof.header)) {
      throw broken('an epoch ended in another history')
    }
  }
  return { epochs, leaves, header }
}

function demand<T>(verdict: Verdict<T>): T {
  if (!verdict.ok) throw broken(verdict.fault.message)
  return verdict
}

function broken(why: string): FederationError<ConsensusCode> {
  return new FederationError('consensus/snapshot', why)
}
