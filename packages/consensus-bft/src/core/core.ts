/**
 * The BFT core: inputs in, effects out, and no clock, key, disk or network of its own. Follows
 * Simplex (eprint 2023/463) with skip votes: three kinds of votes, `rules.ts` says which may be cast.
 *
 * @module
 */
import type { Fault } from '@folkmoot/base'
import { leaderOf } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { onEntries } from './adopt.ts'
import { onTip, onTipRequest, openBarrier } from './barrier.ts'
import type { CoreConfig } from './config.ts'
import { EarlyMessages } from './early.ts'
import type { Effect, Input } from './effects.ts'
import { beginReady, receiveReady, repeatReady } from './epochs.ts'
import { onWant } from './fetch.ts'
import { onDelivered } from './finality.ts'
import { type Message, parseMessage } from './messages.ts'
import { receiveProposal } from './proposals.ts'
import { askRecall, checkRecall, onRecall, onRecalled, remember } from './recall.ts'
import { receiveVote } from './receive-vote.ts'
import { askOnce, onRepair, onStatus, sendStatus, verifyAll } from './repair.ts'
import { restore } from './restore.ts'
import { settle } from './settle.ts'
import { CoreState } from './state.ts'
import { onTimer } from './view-clock.ts'

/** Where a core stands, for status pages and tests. */
export interface CoreView {
  readonly epoch: number
  readonly view: number
  readonly finalView: number
  readonly finalHeight: number
  readonly leader: PeerId
  /** Whether this peer's votes count now: a seat, its key, and its log confirmed. */
  readonly isVoting: boolean
  readonly isSeated: boolean
  readonly isAwake: boolean
  readonly halted: Fault | undefined
}

export interface Core {
  /** Takes one input; effects are to be performed in order. */
  step(input: Input): readonly Effect[]
  peek(): CoreView
}

/**
 * Creates a core over what its database holds.
 *
 * @param records everything under `RECORDS_PREFIX`
 * @throws FederationError `consensus-bft/corrupt-votes`
 */
export function createCore(config: CoreConfig, records: ReadonlyMap<string, Uint8Array>): Core {
  const core = new CoreState(config)
  restore(core, records)
  const early = new EarlyMessages()

  function dispatch(from: PeerId, message: Message): void {
    const { epoch } = core.set
    const about = epochOf(message)
    if (about !== undefined && about > epoch && message.type !== 'status') {
      if (about === epoch + 1) early.keep(core, from, message)
      if (message.type !== 'ready') askOnce(core, from)
    }
    core.forgeries.from(from, () => receive(core, from, message))
  }

  function step(input: Input): readonly Effect[] {
    core.now = Math.max(core.now, input.at)
    const { epoch } = core.set
    take(input)
    settle(core)
    if (core.set.epoch !== epoch) {
      for (const { from, message } of early.take()) {
        dispatch(from, message)
        settle(core)
      }
    }
    return core.takeEffects()
  }

  function take(input: Input): void {
    switch (input.type) {
      case 'start':
        begin(core)
        break
      case 'message': {
        core.heardAt.set(input.from, core.now)
        core.silent.delete(input.from)
        if (input.from === config.me || core.forgeries.isMuted(input.from, core.now)) break
        const parsed = parseMessage(input.bytes)
        if (parsed.ok) dispatch(input.from, parsed.message)
        break
      }
      case 'connected':
        askRecall(core, [input.peer])
        sendStatus(core, [input.peer])
        repeatReady(core, [input.peer])
        break
      case 'timer':
        onTimer(core, input.timer)
        break
      case 'pending':
        core.waiting = input.waiting
        core.pendingCount += 1
        break
      case 'delivered':
        onDelivered(core, input)
        break
      case 'barrier':
        openBarrier(core, input.token)
        break
      case 'verified': {
        // What waited for this answer is looked at on the account of the same peer.
        const sender = core.forgeries.verified(input.token, input.ok, core.now)
        core.forgeries.from(sender, () => core.answer(input))
        break
      }
      default:
        core.answer(input)
    }
  }

  return {
    step,
    peek: () => ({
      epoch: core.set.epoch,
      view: core.currentView,
      finalView: core.tip.view,
      finalHeight: core.tip.height,
      leader: core.set.voters[leaderOf(core.set, core.currentView)]!.peer,
      isVoting: core.isVoting,
      isSeated: core.me !== undefined,
      isAwake: core.clock.isAwake,
      halted: core.halted,
    }),
  }
}

/** Before the first vote the log is confirmed; before anything else one asks what one missed. */
function begin(core: CoreState): void {
  core.lastFinalAt = core.now
  // A key whose epoch is over goes before anything else happens.
  if (core.isUntidy) core.persist([], [], () => {})
  checkRecall(core)
  askRecall(core, core.others)
  sendStatus(core, core.others)
  beginReady(core)
}

type Receiver<Type extends Message['type']> = (
  core: CoreState,
  from: PeerId,
  message: Extract<Message, { type: Type }>,
) => void

const receivers: { readonly [Type in Message['type']]: Receiver<Type> } = {
  vote: (core, from, { vote }) => {
    remember(core, from, vote)
    receiveVote(core, vote)
  },
  proposal: (core, from, { proposal, vote }) => {
    if (vote) remember(core, from, vote)
    receiveProposal(core, proposal, vote)
  },
  certificate: (core, _from, { certificate }) => verifyAll(core, [certificate], []),
  status: onStatus,
  repair: (core, _from, message) => onRepair(core, message),
  want: onWant,
  // Oldest first, so that each finds the one before it.
  blocks: (core, _from, { proposals }) =>
    [...proposals].reverse().forEach((bytes) => {
      receiveProposal(core, bytes, null)
    }),
  entries: (core, from, { entries }) => onEntries(core, from, entries),
  ready: receiveReady,
  recall: (core, from, { epoch }) => onRecall(core, from, epoch),
  recalled: onRecalled,
  'tip-request': (core, from, { nonce }) => onTipRequest(core, from, nonce),
  tip: onTip,
}

function receive(core: CoreState, from: PeerId, message: Message): void {
  const receiver = receivers[message.type] as Receiver<Message['type']>
  receiver(core, from, message)
}

/** The epoch that a message speaks of, where it does. */
function epochOf(message: Message): number | undefined {
  switch (message.type) {
    case 'vote':
    case 'proposal':
      return message.vote?.epoch
    case 'certificate':
      return message.certificate.epoch
    case 'status':
    case 'want':
    case 'tip':
    case 'recall':
      return message.epoch
    case 'repair':
      return message.certificates[0]?.epoch ?? message.votes[0]?.epoch
    default:
      return undefined
  }
}
