/**
 * Goes on with a chain as one who votes: opens the consensus database and starts the engine of the
 * epoch over the network.
 *
 * @module
 */
import {
  type AppendLog,
  type Clock,
  type ConsensusDatabase,
  FederationError,
  type Logger,
  type Millis,
  refuse,
  type Timers,
} from '@folkmoot/base'
import {
  type Chain,
  type CharterFacts,
  type ConsensusNetwork,
  parseForkEvidence,
  type ReplicatedLog,
} from '@folkmoot/consensus'
import type { Checker, Signer } from '@folkmoot/identity'
import type { Ledger } from '@folkmoot/ledger'
import type { Engine, LogView } from '../ledger/engine.ts'

export interface StartVotingInit {
  readonly signer: Signer
  readonly checker: Checker
  readonly clock: Clock
  readonly timers: Timers
  readonly logger: Logger
  readonly log: AppendLog
  readonly database: () => Promise<ConsensusDatabase>
  readonly network: ConsensusNetwork
  /** How long a message between voters is expected to take at most. */
  readonly deltaMs: Millis
  /** An empty decision after this long without one. */
  readonly heartbeatMs: Millis
  /** Told what proves that somebody lied. */
  readonly onEvidence: (evidence: Uint8Array) => void
  /** Told when the others decided what contradicts the decisions here: this voter has stopped. */
  readonly onFork: () => void
}

/** @throws FederationError `consensus/unsupported` where no voters decide at present; the codes of the engine */
export async function startVoting(
  init: StartVotingInit,
  chain: Chain,
  facts: CharterFacts,
  state: Ledger,
): Promise<Engine> {
  const kind = chain.epochs.setOf(chain.epochs.current)?.engine
  if (kind === undefined) {
    throw new FederationError('consensus/unsupported', 'no voters decide at present')
  }
  const common = { ...init, facts, application: state, database: await init.database(), chain }
  // Few peers vote, so the others do without the engine's code.
  if (kind === 'raft') {
    const { createRaftLog } = await import('./raft-engine.ts')
    return voting(await createRaftLog({ ...common, network: overLinks(init.network) }))
  }
  const { createBftLog } = await import('./bft-engine.ts')
  const timing = { deltaMs: init.deltaMs, heartbeatMs: init.heartbeatMs }
  const log = await createBftLog({ ...common, me: init.signer.peer, timing })
  log.on((event) => {
    if (event.type === 'evidence') init.onEvidence(event.bytes)
    if (event.type === 'halt' && event.fault.code === 'consensus-bft/fork') init.onFork()
  })
  return voting(log)
}

/** What both engines of voters show beside the log. */
interface VotersLog extends ReplicatedLog, LogView {
  onFinal: LogView['onFinal']
  status: LogView['status']
  acceptFork: Engine['accept']
  release(): Promise<Chain>
  close(): Promise<void>
}

function voting(log: VotersLog): Engine {
  return {
    mode: 'voting',
    log,
    submit: (operation, id) => log.submit(operation, { id }),
    accept: async (bytes) =>
      parseForkEvidence(bytes)
        ? log.acceptFork(bytes)
        : refuse('consensus/closed', 'voters hear of entries from each other'),
    release: log.release,
    close: log.close,
  }
}

/** A leader of Raft speaks ten times a second: gossip would carry that to everybody, for a peer that is not there. */
function overLinks(network: ConsensusNetwork): ConsensusNetwork {
  return {
    ...network,
    send: (to, bytes, urgency) => {
      if (network.connected().includes(to)) network.send(to, bytes, urgency)
    },
  }
}
