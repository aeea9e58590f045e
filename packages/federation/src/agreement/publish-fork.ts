/**
 * What a peer does once two decided histories are proven: keeps the proof, writes it into its log,
 * hands in the double votes that it holds, and follows neither history further.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import { errorMessage, type KeyValueStore, type Logger, type Verdict } from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import {
  type CharterFacts,
  encodeVoterSet,
  forkCulprits,
  KnownEpochs,
  verifyEvidence,
  verifyForkEvidence,
} from '@folkmoot/consensus'
import type { Checker, FederationId, PeerId } from '@folkmoot/identity'
import type { Exchange } from '../exchange/exchange.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import { ledgerEntries } from '../services.ts'

export interface PublishForkInit {
  readonly fed: FederationId
  readonly me: PeerId
  readonly checker: Checker
  readonly ledger: SharedLedger
  readonly audit: Pick<AuditLog, 'intent' | 'outcome'>
  readonly store: KeyValueStore
  readonly logger: Logger
  readonly exchange: Pick<Exchange, 'call'>
  /** Takes an entry as anybody may show it; where it proves the fork this peer's copy stops. */
  readonly accept: (entry: Uint8Array) => Promise<Verdict>
}

const forkKey = 'agreement/fork'

/** Evidence that was kept and still holds from nothing but the charter, or by what is known here. */
export async function keptFork(
  { store, checker, ledger }: Pick<PublishForkInit, 'store' | 'checker' | 'ledger'>,
  facts: CharterFacts,
): Promise<Uint8Array | undefined> {
  const evidence = await store.get(forkKey)
  if (!evidence) return undefined
  for (const anchor of [ledger.anchor(), new KnownEpochs(facts).anchor]) {
    if ((await verifyForkEvidence(checker, anchor, evidence)).ok) return evidence
  }
  return undefined
}

export async function publishFork(
  init: PublishForkInit,
  evidence: Uint8Array,
  askedOf: readonly PeerId[],
): Promise<void> {
  const { audit, me, logger } = init
  await init.store.write([{ type: 'put', key: forkKey, value: evidence }])
  const content = encode({ kind: 'fork', evidence })
  const intent = await audit.intent({ direction: 'local', peer: me, action: 'operation', content })
  logger.log('error', 'two histories were decided', { bytes: evidence.length })
  try {
    const handed = await Promise.all(forkCulprits(evidence).map((each) => handIn(init, each)))
    const accused = handed.filter((done) => done).length
    await stop(init, evidence, askedOf)
    await audit.outcome(intent, { decision: 'done', reason: `${accused} accused` })
  } catch (error) {
    await audit.outcome(intent, { decision: 'failed', reason: errorMessage(error).slice(0, 256) })
  }
}

/** Makes one voter's two votes part of the shared state, by whichever history this peer can reach. */
async function handIn({ fed, checker, ledger }: PublishForkInit, evidence: Uint8Array) {
  const { sets } = ledger.anchor()
  const proven = await verifyEvidence(checker, fed, sets, evidence)
  const set = proven.ok ? sets.setOf(proven.epoch) : undefined
  if (!proven.ok || !set || ledger.state.state().voting.evidence.has(proven.culprit)) return false
  const body = { evidence, set: encodeVoterSet(set) }
  return (await ledger.submit({ kind: 'evidence', body })).ok
}

/** Whoever showed the other history is asked for its entry: a follower that sees it stops by itself. */
async function stop(init: PublishForkInit, evidence: Uint8Array, askedOf: readonly PeerId[]) {
  const { ledger } = init
  const proven = await verifyForkEvidence(init.checker, ledger.anchor(), evidence)
  if (!proven.ok) return
  for (const peer of askedOf) {
    const answer = await init.exchange.call(peer, ledgerEntries, { from: proven.height })
    for (const entry of answer.ok ? answer.output.entries.slice(0, 2) : []) {
      await init.accept(entry)
      if (ledger.status().halted) return
    }
  }
}
