/**
 * What a voter whose disk was replaced by an older copy could have learnt of its own votes. The
 * others remember what they heard since their own last start, so asking a quorum of them is a net
 * and not a proof (ADR 0035). This watch knows exactly what the net holds: whoever was answered by
 * a quorum, none of whom had heard the vote, is not to blame; anybody else is.
 *
 * @module
 */
import { toHex } from '@folkmoot/codec'
import { quorumWeight, type Vote, type VoterSet } from '@folkmoot/consensus'
import { type Message, parseMessage } from '@folkmoot/consensus-bft'
import type { PeerId } from '@folkmoot/identity'
import type { Living, Losses } from './monitor.ts'
import type { Words } from './wire-watch.ts'

/**
 * What a voter was told after it had asked for its own votes, in one epoch, since it last lost
 * anything: what it decided to say then it may say first in a later life.
 */
interface Told {
  readonly by: Set<PeerId>
  readonly words: Set<string>
}

export class RecallWatch implements Losses {
  /** Voters that said two things without being to blame. */
  readonly pardoned = new Set<PeerId>()
  /** Halts that were in order, as they happened. */
  readonly onHalt: ((by: Living) => void)[] = []
  /** How often each voter's disk was replaced, and whether what it has now is an older copy. */
  readonly #losses = new Map<PeerId, { readonly count: number; readonly isCopy: boolean }>()
  readonly #alive = new Map<PeerId, Living>()
  /** After how many losses a voter said something first. */
  readonly #saidAfter = new Map<string, number>()
  readonly #heard = new Map<string, Set<string>>()
  readonly #answers = new WeakMap<Uint8Array, ReadonlySet<string>>()
  readonly #told = new Map<string, Told>()
  readonly #parsed = new WeakMap<Uint8Array, Message | { readonly type: 'other' }>()

  /** A voter goes on with less than it had. */
  lost(peer: PeerId, isCopy: boolean): void {
    this.#losses.set(peer, { count: this.#countOf(peer) + 1, isCopy })
  }

  sent(by: Living, bytes: Uint8Array): void {
    this.#alive.set(by.id, { address: by.address, id: by.id, life: by.life })
    const message = this.#parse(bytes)
    if (message.type === 'recalled') this.#answers.set(bytes, new Set(this.#heardBy(by)))
    const own = message.type === 'repair' ? message.votes : directVotes(message)
    for (const vote of own) {
      const name = nameOf(by.id, vote)
      if (!this.#saidAfter.has(name)) this.#saidAfter.set(name, this.#countOf(by.id))
    }
  }

  received(by: Living, from: PeerId, bytes: Uint8Array): void {
    const message = this.#parse(bytes)
    for (const vote of directVotes(message)) this.#heardBy(by).add(nameOf(from, vote))
    if (message.type !== 'recalled') return
    const told = this.#toldTo(by, message.epoch)
    told.by.add(from)
    for (const words of this.#answers.get(bytes) ?? []) told.words.add(words)
  }

  pardons(set: VoterSet, peer: PeerId, earlier: Words, later: Words): boolean {
    const name = nameOf(peer, earlier)
    const alive = this.#alive.get(peer)
    const saidAfter = this.#saidAfter.get(name)
    // What it said since it last lost anything is on its disk.
    if (alive === undefined || saidAfter === undefined || saidAfter === this.#countOf(peer)) {
      return false
    }
    const { by, words } = this.#toldTo(alive, later.epoch)
    const weight = set.voters.reduce((sum, voter) => {
      return by.has(voter.peer) || voter.peer === peer ? sum + voter.weight : sum
    }, 0)
    if (weight < quorumWeight(set) || words.has(name)) return false
    this.pardoned.add(peer)
    return true
  }

  wasPardoned(peer: PeerId): boolean {
    return this.pardoned.has(peer)
  }

  mayHalt(by: Living): boolean {
    if (this.#losses.get(by.id)?.isCopy !== true) return false
    for (const listener of this.onHalt) listener(by)
    return true
  }

  #countOf(peer: PeerId): number {
    return this.#losses.get(peer)?.count ?? 0
  }

  #heardBy({ address, life }: Living): Set<string> {
    return getOrMake(this.#heard, `${address}/${life}`, () => new Set<string>())
  }

  #toldTo({ address, id }: Living, epoch: number): Told {
    const name = `${address}/${this.#countOf(id)}/${epoch}`
    return getOrMake(this.#told, name, () => ({ by: new Set(), words: new Set() }))
  }

  #parse(bytes: Uint8Array): Message | { readonly type: 'other' } {
    return getOrMake(this.#parsed, bytes, () => {
      const parsed = parseMessage(bytes)
      return parsed.ok ? parsed.message : { type: 'other' }
    })
  }
}

/** Votes of the sender's own that a voter remembers of it. */
function directVotes(message: Message | { readonly type: 'other' }): readonly Vote[] {
  if (message.type === 'vote') return [message.vote]
  return message.type === 'proposal' && message.vote ? [message.vote] : []
}

function nameOf(peer: PeerId, { kind, epoch, view, hash }: Words): string {
  return `${peer} ${kind} ${epoch}/${view} ${toHex(hash)}`
}

function getOrMake<Key, Value>(
  map: { get(key: Key): Value | undefined; set(key: Key, value: Value): unknown },
  key: Key,
  make: () => Value,
): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
