/**
 * What a peer does once two decided histories are proven: asks by what the one crossed the view of
 * the other, so that the proof names who signed for both, keeps it, writes it into its log, hands in
 * the double votes, follows neither history further, and tells everyone.
 *
 * @module
 */
import type { AuditLog } from '@folkmoot/audit'
import {
  errorMessage,
  type KeyValueStore,
  type Logger,
  type Millis,
  type Timers,
  type Verdict,
} from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import {
  type CharterFacts,
  encodeVoterSet,
  forkCulprits,
  KnownEpochs,
  verifyEvidence,
  verifyForkEvidence,
  wantedCrossing,
  withCrossing,
} from '@folkmoot/consensus'
import type { Checker, FederationId, PeerId } from '@folkmoot/identity'
import type { Exchange } from '../exchange/exchange.ts'
import type { SharedLedger } from '../ledger/shared-ledger.ts'
import { ledgerCrossing, ledgerEntry } from '../services.ts'
import { within } from '../within.ts'
import type { VotingPart } from './voting-part.ts'

export interface PublishForkInit {
  readonly fed: FederationId
  readonly me: PeerId
  readonly checker: Checker
  readonly ledger: SharedLedger
  readonly audit: Pick<AuditLog, 'intent' | 'outcome'>
  readonly store: KeyValueStore
  readonly logger: Logger
  readonly timers: Timers
  readonly exchange: Pick<Exchange, 'call' | 'tell'>
  /** Where proof of a fork is told. */
  readonly topic: string
  /** By what this peer's own history crossed a view. */
  readonly crossing: VotingPart['crossing']
  /** Takes the proof: this peer's copy stops. */
  readonly accept: (evidence: Uint8Array) => Promise<Verdict>
}

const forkKey = 'agreement/fork'
/** One voter's answer, in ms. */
const answerMs: Millis = 15_000
/** As long as voters that still decide may take; where nobody does it never ends. */
const handInMs: Millis = 20_000
/** Voters that are asked how they crossed a view, all at once. */
const maxAsked = 32
/** As long as a record may live: whoever is away meanwhile is told when it asks for entries. */
const lifeMs: Millis = 60 * 60_000

/** Evidence that was kept and still holds from nothing but the charter, or by what is known here. */
export async function keptFork(
  { store, checker, ledger }: Pick<PublishForkInit, 'store' | 'checker' | 'ledger'>,
  facts: CharterFacts,
): Promise<Uint8Array | undefined> {
  const evidence = (await store.get(forkKey)) ?? ledger.evidence()
  if (!evidence) return undefined
  for (const anchor of [ledger.anchor(), new KnownEpochs(facts).anchor]) {
    if ((await verifyForkEvidence(checker, anchor, evidence)).ok) return evidence
  }
  return undefined
}

/** Names who forked, keeps the proof, and tells it to everyone. */
export async function publishFork(init: PublishForkInit, proven: Uint8Array): Promise<void> {
  const evidence = await naming(init, proven)
  await keepFork(init, evidence, async () => {
    // As long as anybody decides: afterwards the proof itself says who they are.
    const handed = Promise.all(forkCulprits(evidence).map((each) => handIn(init, each)))
    await within(init.timers, handInMs, handed)
    await init.accept(evidence)
    await init.exchange.tell(init.topic, ledgerEntry, { entry: evidence }, lifeMs)
  })
}

/** Keeps the proof and writes it into the log of what this peer does, before and after it does it. */
export async function keepFork(
  { audit, me, logger, store }: Pick<PublishForkInit, 'audit' | 'me' | 'logger' | 'store'>,
  evidence: Uint8Array,
  act: () => Promise<void>,
): Promise<void> {
  await store.write([{ type: 'put', key: forkKey, value: evidence }])
  const content = encode({ kind: 'fork', evidence })
  const intent = await audit.intent({ direction: 'local', peer: me, action: 'operation', content })
  logger.log('error', 'two histories were decided', { bytes: evidence.length })
  try {
    await act()
    const reason = `${forkCulprits(evidence).length} named`
    await audit.outcome(intent, { decision: 'done', reason })
  } catch (error) {
    await audit.outcome(intent, { decision: 'failed', reason: errorMessage(error).slice(0, 256) })
  }
}

/** The proof with what convicts, where this peer or a voter knows it. */
async function naming(init: PublishForkInit, evidence: Uint8Array): Promise<Uint8Array> {
  const crossed = wantedCrossing(evidence)
  if (!crossed) return evidence
  const { exchange, ledger, me, checker } = init
  const voters =
    ledger
      .anchor()
      .sets.setOf(crossed.epoch)
      ?.voters.map(({ peer }) => peer) ?? []
  const asked = voters.filter((peer) => peer !== me).slice(0, maxAsked)
  const answers = [
    init.crossing(crossed),
    ...asked.map(async (peer) => {
      const answer = await exchange.call(peer, ledgerCrossing, crossed, { deadlineMs: answerMs })
      return answer.ok ? (answer.output.certificate ?? undefined) : undefined
    }),
  ]
  for (const answer of await Promise.all(answers)) {
    const whole = answer && withCrossing(evidence, answer)
    if (whole && (await verifyForkEvidence(checker, ledger.anchor(), whole)).ok) return whole
  }
  return evidence
}

/** Makes one voter's two votes part of the shared state, by whichever history this peer can reach. */
async function handIn({ fed, checker, ledger }: PublishForkInit, evidence: Uint8Array) {
  const { sets } = ledger.anchor()
  const proven = await verifyEvidence(checker, fed, sets, evidence)
  const set = proven.ok ? sets.setOf(proven.epoch) : undefined
  if (!proven.ok || !set || ledger.state.state().voting.evidence.has(proven.culprit)) return
  const body = { evidence, set: encodeVoterSet(set) }
  await ledger.submit({ kind: 'evidence', body })
}
