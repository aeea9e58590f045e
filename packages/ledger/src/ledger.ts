/**
 * The shared state of one federation as an application of the replicated log.
 *
 * @module
 */
import { parseCheckpoint } from '@folkmoot/audit'
import { FederationError, refuse, type Verdict } from '@folkmoot/base'
import { sha256, toHex, utf8 } from '@folkmoot/codec'
import type { Application, Position } from '@folkmoot/consensus'
import {
  type Charter,
  type Checker,
  charterSchema,
  type FederationId,
  type PeerId,
  peekRecord,
  recordBody,
} from '@folkmoot/identity'
import { applyOperation } from './apply/apply-operation.ts'
import { charterInForce } from './apply/charter-in-force.ts'
import { isActive, isRecorder } from './apply/context.ts'
import { enterEpoch } from './apply/epochs.ts'
import { checkOperation } from './check-operation.ts'
import type { LedgerCode } from './codes.ts'
import type { FactProof } from './fact-proof.ts'
import { createFactStore, type FactStore, restoreFactStore, withoutWrites } from './fact-store.ts'
import { type LedgerState, readState } from './ledger-state.ts'
import { type OpenedOperation, peekOperation } from './operation.ts'

export interface LedgerInit {
  /** The signed founding charter. The caller has opened it: its signature is not checked again. */
  readonly charterBytes: Uint8Array
  readonly checker: Checker
}

export interface Ledger extends Application {
  readonly fed: FederationId
  readonly charter: Charter
  idOf(op: Uint8Array): string | undefined
  /** What is refused here is answered and leaves no trace in the log. */
  screen(op: Uint8Array): Verdict
  /** A live view of what is final: what was applied above the oldest mark is not in it. */
  state(): LedgerState
  isMember(peer: PeerId): boolean
  rootOf(peer: PeerId): string | undefined
  /** The encoded value of a final fact, by `factKey`. */
  fact(key: string): Uint8Array | undefined
  /** Proves a fact, or its absence, under the root of the newest final entry. */
  proveFact(key: string): FactProof
}

/**
 * An empty ledger of the federation that the charter founds.
 *
 * @throws FederationError `ledger/charter`
 */
export function createLedger({ charterBytes, checker }: LedgerInit): Ledger {
  const { charter, fed } = readCharter(charterBytes)
  let facts = createFactStore()
  /** Where the last operation was applied; null until this process has applied one. */
  let last: Position | null = null
  const view = readState(() => facts.settled, charter, fed)

  function screen(op: Uint8Array): Verdict {
    const peeked = peekOperation(op, { fed })
    if (!peeked.ok) return peeked
    const { signer, operation } = peeked
    // Looser than this in `check` and `apply`, for older histories: whoever compares a log could not read it.
    if (
      operation.kind === 'audit.checkpoint' &&
      !parseCheckpoint(utf8(operation.body.checkpoint)).ok
    ) {
      return refuse('ledger/checkpoint' satisfies LedgerCode, 'this is not a checkpoint')
    }
    // Those who record send operations that rest on others still on their way.
    if (isRecorder({ charter, facts }, signer)) return { ok: true }
    // Nobody else must fill the log with operations that would be refused anyway.
    if (!isActive({ facts }, signer)) {
      return refuse('ledger/not-member' satisfies LedgerCode, 'only members sign operations')
    }
    if (last === null) return { ok: true }
    const at = { ...last, height: last.height + 1 }
    return applyTo(withoutWrites(facts), at, peeked)
  }

  function applyTo(store: FactStore, at: Position, opened: OpenedOperation): Verdict {
    const inForce = charterInForce(charter, store)
    return applyOperation({ facts: store, charter: inForce, charterBytes, fed, at }, opened)
  }

  async function apply(op: Uint8Array, at: Position): Promise<Verdict> {
    const peeked = peekOperation(op, { fed })
    const before = last
    last = at
    facts.journal.record(() => {
      last = before
    })
    if (!peeked.ok) return peeked
    // A refusal leaves no trace, and an epoch begins with the first operation that took effect in it.
    return facts.journal.attempt(
      () => {
        enterEpoch(facts, at)
        return applyTo(facts, at, peeked)
      },
      ({ ok }) => ok,
    )
  }

  return {
    fed,
    charter,
    check: (op) => checkOperation(checker, fed, op),
    idOf: (op) => {
      const peeked = peekOperation(op, { fed })
      return peeked.ok ? peeked.id : undefined
    },
    screen,
    apply,
    root: () => facts.root(),
    mark: () => facts.journal.mark(),
    nextSet: () => facts.next.get('')?.set.slice() ?? null,
    snapshot: () => facts.snapshot(),
    restore: async (bytes) => {
      const next = restoreFactStore(bytes)
      const founded = next.federation.get('')
      if (founded && founded.fed !== fed) {
        throw new FederationError('ledger/snapshot', 'the snapshot is of another federation')
      }
      facts.journal.drop()
      facts = next
      last = null
    },
    state: () => view,
    isMember: (peer) => view.isMember(peer),
    rootOf: (peer) => view.rootOf(peer),
    fact: (key) => facts.value(key),
    proveFact: (key) => {
      const found = facts.prove(key)
      if (!found) return { key, leaf: null, steps: [] }
      const leaf = { key: found.key, value: facts.value(found.key)! }
      return { key, leaf, steps: [...found.steps] }
    },
  }
}

function readCharter(bytes: Uint8Array): { charter: Charter; fed: FederationId } {
  const peeked = peekRecord('charter', charterSchema, bytes)
  const record = recordBody(bytes)
  if (!peeked.ok || !record.ok || peeked.signer !== peeked.value.founder) {
    throw new FederationError('ledger/charter', 'these bytes are no charter')
  }
  return { charter: peeked.value, fed: toHex(sha256(record.body)) }
}
