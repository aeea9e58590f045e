/**
 * A member that keeps every vote key it ever had and, when its epoch or its seat is gone, goes on
 * voting with them: for old views, and under its old number in the new epoch.
 *
 * @module
 */
import { NO_BLOCK, parseProposal, type VoterSet, voteBytes, voterIndex } from '@folkmoot/consensus'
import { type Effect, encodeMessage, parseMessage, voteKeyName } from '@folkmoot/consensus-bft'
import type { KeyPair } from '../kernel/keyring.ts'
import type { Boot } from '../kernel/machine.ts'
import type { VoterProgram } from './federation.ts'
import { once } from './liar.ts'
import { type VoterInit, type VoterInput, type VoterMachine, voter } from './voter.ts'

export function ghost(init: VoterInit): VoterProgram {
  const kept = new Map<number, { pair: KeyPair; set: VoterSet }>()
  return { boot: (boot) => bootGhost(init, kept, boot as Boot<VoterInput>) }
}

function bootGhost(
  init: VoterInit,
  kept: Map<number, { pair: KeyPair; set: VoterSet }>,
  boot: Boot<VoterInput>,
): VoterMachine {
  const inner = voter(init).boot(boot as never) as VoterMachine
  const fresh = once()
  const others = init.peers.filter((peer) => peer !== boot.id)

  function haunt(input: VoterInput): readonly Effect[] {
    const { set } = inner.chain
    const pair = boot.keys.get(voteKeyName(set.epoch))
    if (pair !== undefined) kept.set(set.epoch, { pair, set })
    if (input.type !== 'message') return []
    const parsed = parseMessage(input.bytes)
    if (!parsed.ok || parsed.message.type !== 'proposal') return []
    const read = parseProposal(parsed.message.proposal)
    if (!read.ok) return []
    const { id, parsed: header } = read.proposal
    const { view } = header.bft
    const effects: Effect[] = []
    for (const [epoch, old] of kept) {
      const seat = voterIndex(old.set, boot.id)
      if (epoch >= header.epoch || seat === undefined || !fresh(epoch, id)) continue
      for (const [under, kind, hash] of [
        [epoch, 'finalise', id],
        [header.epoch, 'notarise', id],
        [header.epoch, 'nullify', NO_BLOCK],
      ] as const) {
        const bytes = voteBytes(init.instance, under, kind, view, hash)
        const signature = old.pair.sign('vote', bytes)
        const vote = { epoch: under, kind, view, hash, voter: seat, signature }
        effects.push({ type: 'send', to: others, message: encodeMessage({ type: 'vote', vote }) })
      }
    }
    return effects
  }

  return {
    chain: inner.chain,
    view: inner.view,
    start: inner.start,
    perform: inner.perform,
    handle: (input) => [...inner.handle(input), ...haunt(input)],
  }
}
