/**
 * A member that lies: an honest voter whose messages are replaced on their way out, and who says
 * things of its own when it hears others. It signs with its own keys alone, like everybody.
 *
 * @module
 */
import { sha256, toHex } from '@folkmoot/codec'
import {
  blockId,
  encodeHeader,
  encodeProposal,
  justifyHash,
  type ParsedProposal,
  type Proposal,
  payloadRoot,
  readyBytes,
  type Vote,
  type VoteKind,
  type VoterSet,
  voteBytes,
  voterIndex,
  voterSetHash,
} from '@folkmoot/consensus'
import {
  type Effect,
  encodeMessage,
  type Message,
  parseMessage,
  voteKeyName,
} from '@folkmoot/consensus-bft'
import type { PeerId } from '@folkmoot/identity'
import type { KeyPair } from '../kernel/keyring.ts'
import type { Boot } from '../kernel/machine.ts'
import type { Random } from '../kernel/random.ts'
import type { Chain } from './chain.ts'
import type { VoterProgram } from './federation.ts'
import { type VoterInit, type VoterInput, type VoterMachine, voter } from './voter.ts'

export interface Saying {
  readonly to: readonly PeerId[]
  readonly message: Message
}

/** What a liar has to lie with. */
export interface Tongue {
  readonly random: Random
  readonly set: VoterSet
  /** Its own seat. */
  readonly seat: number
  readonly others: readonly PeerId[]
  vote(kind: VoteKind, view: number, hash: Uint8Array, seat?: number): Vote
  /** Signs READY for a state, whether or not it has a seat in the set. */
  ready(set: VoterSet, stateRoot: Uint8Array): Uint8Array
  /** The same proposal with another time, rightly signed: another block for the same view. */
  twin(proposal: ParsedProposal, change?: Partial<ParsedProposal['parsed']>): Uint8Array
  /** The proposal with other contents, rightly signed; its hashes are made to fit. */
  remake(proposal: ParsedProposal, change: Contents): Uint8Array
  /** What its log knows: states after blocks, and what operations come to on them. */
  readonly chain: Pick<Chain, 'stateAfter' | 'execute'>
}

export interface Contents extends Partial<Omit<Proposal, 'header' | 'signature'>> {
  readonly parsed?: Partial<ParsedProposal['parsed']>
}

export interface Lies {
  /** What goes out instead; the message itself where it is undefined. */
  send?(tongue: Tongue, saying: Saying): readonly Saying[] | undefined
  /** What is said on hearing this. */
  hear?(tongue: Tongue, from: PeerId, message: Message): readonly Saying[]
}

/** A program for `createFederation`'s `liars`. Keeps every vote key it ever had. */
export function liar(lies: Lies): (init: VoterInit) => VoterProgram {
  return (init) => {
    const keys = new Map<string, KeyPair>()
    return { boot: (boot) => bootLiar(init, lies, keys, boot as Boot<VoterInput>) }
  }
}

function bootLiar(
  init: VoterInit,
  lies: Lies,
  keys: Map<string, KeyPair>,
  boot: Boot<VoterInput>,
): VoterMachine {
  const inner = voter(init).boot(boot as never) as VoterMachine
  const { random } = boot.host

  function tongue(): Tongue | undefined {
    const { set } = inner.chain
    for (const [name, pair] of boot.keys) keys.set(name, pair)
    const seat = voterIndex(set, boot.id)
    const pair = keys.get(voteKeyName(set.epoch))
    if (seat === undefined || pair === undefined) return undefined
    return {
      random,
      set,
      seat,
      others: init.peers.filter((peer) => peer !== boot.id),
      vote(kind, view, hash, as = seat) {
        const bytes = voteBytes(init.instance, set.epoch, kind, view, hash)
        const signature = pair.sign('vote', bytes)
        return { epoch: set.epoch, kind, view, hash, voter: as, signature }
      },
      twin(proposal, change = { time: proposal.parsed.time + 1 }) {
        const header = encodeHeader({ ...proposal.parsed, ...change })
        const signature = pair.sign('proposal', blockId(header))
        return encodeProposal({ ...proposal, header, signature })
      },
      ready(next, stateRoot) {
        const said = { epoch: next.epoch, setHash: voterSetHash(next), stateRoot }
        return pair.sign('ready', readyBytes(init.instance, said))
      },
      remake(proposal, { parsed, ...rest }) {
        const { payload, justify, nextSet } = { ...proposal, ...rest }
        const read = { ...proposal.parsed, ...parsed }
        const header = encodeHeader({
          ...read,
          payloadHash: payloadRoot(payload),
          bft: { ...read.bft, justifyHash: justifyHash(justify) },
          ...(nextSet && { nextSetHash: sha256(nextSet) }),
        })
        const signature = pair.sign('proposal', blockId(header))
        return encodeProposal({ header, payload, justify, nextSet, signature })
      },
      chain: inner.chain,
    }
  }

  const asEffects = (sayings: readonly Saying[]): Effect[] =>
    sayings
      .filter(({ to }) => to.length > 0)
      .map(({ to, message }) => ({ type: 'send', to, message: encodeMessage(message) }))

  function twist(effects: readonly Effect[]): readonly Effect[] {
    return effects.flatMap((effect): readonly Effect[] => {
      if (effect.type === 'persist') {
        // biome-ignore lint/suspicious/noThenProperty: the effect's own name for what waits
        return [{ ...effect, then: twist(effect.then) }]
      }
      if (effect.type !== 'send' || lies.send === undefined) return [effect]
      const parsed = parseMessage(effect.message)
      const mouth = tongue()
      if (!parsed.ok || mouth === undefined) return [effect]
      const said = lies.send(mouth, { to: effect.to, message: parsed.message })
      return said === undefined ? [effect] : asEffects(said)
    })
  }

  function provoked(input: VoterInput): readonly Effect[] {
    if (input.type !== 'message' || lies.hear === undefined) return []
    const parsed = parseMessage(input.bytes)
    const mouth = tongue()
    if (!parsed.ok || mouth === undefined) return []
    return asEffects(lies.hear(mouth, input.from, parsed.message))
  }

  return {
    chain: inner.chain,
    view: inner.view,
    perform: inner.perform,
    start: (at) => twist(inner.start(at)),
    handle: (input) => [...twist(inner.handle(input)), ...provoked(input)],
  }
}

/** Lets each lie be told once, so that liars do not answer one another for ever. */
export function once(): (...what: (string | number | Uint8Array)[]) => boolean {
  const told = new Set<string>()
  return (...what) => {
    const name = what.map((each) => (each instanceof Uint8Array ? toHex(each) : each)).join(' ')
    if (told.has(name)) return false
    told.add(name)
    return true
  }
}
