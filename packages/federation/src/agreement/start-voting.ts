/**
 * Goes on with a chain as one who votes: opens the consensus database and starts the engine of the
 * epoch over the network.
 *
 * @module
 */
import {
  type Clock,
  type ConsensusDatabase,
  FederationError,
  type Logger,
  type Metrics,
  type Timers,
} from '@folkmoot/base'
import type { Chain, ConsensusNetwork } from '@folkmoot/consensus'
import type { Checker, FederationId, Signer } from '@folkmoot/identity'
import type { Ledger } from '@folkmoot/ledger'
import type { Engine } from '../ledger/engine.ts'

export interface StartVotingInit {
  readonly fed: FederationId
  readonly signer: Signer
  readonly checker: Checker
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly metrics: Metrics
  readonly database: () => Promise<ConsensusDatabase>
  readonly network: ConsensusNetwork
  /** Told what proves that somebody lied. */
  readonly onEvidence: (evidence: Uint8Array) => void
}

export async function startVoting(
  _init: StartVotingInit,
  _chain: Chain,
  _state: Ledger,
): Promise<Engine> {
  throw new FederationError('federation/failed', 'no engine for voters yet')
}
