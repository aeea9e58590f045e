/**
 * The shared state as a peer uses it, whichever engine makes it final and whoever leads that.
 *
 * @module
 */
import type { Millis, Verdict } from '@folkmoot/base'
import type {
  EngineStatus,
  EpochLink,
  FinalEntry,
  FinalityAnchor,
  HistoryProof,
  VoterSet,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { Ledger, Operation, OperationKind, OperationOf } from '@folkmoot/ledger'

/** An operation's kind and body; fed and sequence are filled in when it is signed. */
export type Intent<Kind extends OperationKind = OperationKind> = Kind extends OperationKind
  ? { readonly kind: Kind; readonly body: OperationOf<Kind>['body'] }
  : never

export interface SharedLedger {
  readonly state: Ledger
  status(): EngineStatus
  /** Who decides now: the founder alone, or the voters of this epoch. */
  voters(): readonly PeerId[]
  /** The voters of this epoch; null while the founder decides alone. */
  voterSet(): VoterSet | null
  /** Whether this peer is one of those who decide. */
  decides(): boolean
  /** Whose proofs count, as far as this copy has come. */
  anchor(): FinalityAnchor
  /** The last entry of every epoch that is over. */
  epochLinks(): readonly EpochLink[]
  /** Proves that the entry at `height` is in the history of a later one, by default the newest. @throws RangeError */
  proveHistory(height: number, under?: number): Promise<HistoryProof>
  /** When the newest entry became final, in ms; null before the first. */
  finalAt(): Millis | null
  entryAt(height: number): Promise<FinalEntry | undefined>
  entries(from: number, max: number): Promise<Uint8Array[]>
  onFinal(listener: (entry: FinalEntry) => void): () => void
  /** Signs an operation and waits until it is final; a refusal by the ledger is a verdict. */
  submit(intent: Intent): Promise<Verdict<{ height: number }>>
  /** Takes an operation that a member signed and makes it final; only where this peer decides. */
  admit(operation: Uint8Array): Promise<Verdict<{ height: number }>>
  /** Proof that two histories were decided, where this copy has stopped at it. */
  evidence(): Uint8Array | undefined
  /** True when somebody is known to have more. */
  behind(): boolean
  /** Whether this copy has come to the voters that the invitation names. */
  isAnchored(): boolean
}

export type { Operation }
