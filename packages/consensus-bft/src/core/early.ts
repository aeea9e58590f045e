/**
 * Messages of the next epoch, kept until it begins here. Only what is small and of the voters then
 * and now: the rest is asked for again by a Status.
 *
 * @module
 */
import { voterIndex } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { nextVoters } from './epochs.ts'
import type { Message } from './messages.ts'
import type { CoreState } from './state.ts'

/** Most of one voter: what it says in a handful of views. */
const MAX_OF_ONE = 16

interface Early {
  readonly from: PeerId
  readonly message: Message
}

export class EarlyMessages {
  #kept: Early[] = []

  keep(core: CoreState, from: PeerId, message: Message): void {
    const small = withoutBlock(message)
    if (!small || !isVoter(core, from)) return
    if (this.#kept.filter((each) => each.from === from).length >= MAX_OF_ONE) return
    this.#kept.push({ from, message: small })
  }

  take(): readonly Early[] {
    const kept = this.#kept
    this.#kept = []
    return kept
  }
}

/** A block may be large. The leader's vote for it is enough to fetch it by. */
function withoutBlock(message: Message): Message | undefined {
  if (message.type === 'repair') return undefined
  if (message.type !== 'proposal') return message
  return message.vote ? { type: 'vote', vote: message.vote } : undefined
}

function isVoter(core: CoreState, peer: PeerId): boolean {
  const next = nextVoters(core)
  return [core.set, ...(next ? [next.set] : [])].some((set) => voterIndex(set, peer) !== undefined)
}
