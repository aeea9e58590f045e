/**
 * Watches every message of a simulated federation: what was signed by whom, over all restarts.
 * Believes nothing it has not verified itself under the epoch's true set.
 *
 * @module
 */
import { toHex } from '@folkmoot/codec'
import {
  type Certificate,
  certificateItems,
  checkProposal,
  conflictKind,
  type ParsedProposal,
  parseProposal,
  parseVoterSet,
  proposalItem,
  quorumWeight,
  readyItems,
  type Vote,
  type VoterSet,
  voteItem,
  votesOf,
} from '@folkmoot/consensus'
import { type Message, parseMessage } from '@folkmoot/consensus-bft'
import type { FederationId, PeerId } from '@folkmoot/identity'
import type { Property } from '../campaigns/campaign.ts'
import type { Keyring } from '../kernel/keyring.ts'
import { parseOperation } from './operation-message.ts'

export interface WireWatchInit {
  readonly instance: FederationId
  readonly keyring: Keyring
  readonly honest: ReadonlySet<PeerId>
  setOf(epoch: number): VoterSet | undefined
  /** Something that must never happen has happened. */
  fault(property: Property, text: string): void
  /** Whether an honest voter may say both: it lost the first, and nobody whom it asked had heard it. */
  pardons(set: VoterSet, peer: PeerId, earlier: Words, later: Words): boolean
  /** Two certificates that never stand side by side: a fork, or the seed of one. */
  clash(text: string): void
}

/** What a voter says of a view; a leader's block counts as N, which comes with it. */
export type Words = Pick<Vote, 'kind' | 'epoch' | 'view' | 'hash'>

export interface WireWatch {
  sent(from: PeerId, message: Uint8Array): void
  /** Whether this block was proposed, signed by its view's leader and with all it rests on. */
  wasProposed(id: Uint8Array): boolean
  /** Everyone who signed two things that no honest voter signs both. */
  culprits(): ReadonlySet<PeerId>
  readonly votes: number
}

/** Whose word is not held against anyone. */
const NOBODY = '' as PeerId

interface ViewWatch {
  readonly byVoter: Map<number, Vote[]>
  readonly weights: Map<string, number>
  readonly certified: Map<string, Vote>
}

export function createWireWatch(init: WireWatchInit): WireWatch {
  const { instance, keyring, honest, setOf, fault, clash } = init
  const views = new Map<string, ViewWatch>()
  const seenVotes = new Set<string>()
  const seenCertificates = new Map<string, boolean>()
  const seenBlocks = new Set<string>()
  const proposed = new Set<string>()
  const byLeader = new Map<string, Uint8Array>()
  const culprits = new Set<PeerId>()

  const words = (vote: Pick<Vote, 'kind' | 'hash'>) => `${vote.kind} ${toHex(vote.hash)}`
  const place = (vote: Pick<Vote, 'epoch' | 'view'>) => `${vote.epoch}/${vote.view}`

  function watchVote(vote: Vote, from: PeerId): void {
    const set = setOf(vote.epoch)
    const voter = set?.voters[vote.voter]
    const name = `${place(vote)} ${vote.voter} ${words(vote)}`
    if (seenVotes.has(name)) return
    const item = set && voteItem(instance, set, vote)
    if (!set || !voter || !item || !keyring.verify(item)) {
      if (honest.has(from)) {
        fault('validity', `honest ${from} passed on a vote that is none: ${name}`)
      }
      return
    }
    seenVotes.add(name)
    count(set, vote, voter.peer, voter.weight)
  }

  function count(set: VoterSet, vote: Vote, peer: PeerId, weight: number): void {
    const key = place(vote)
    let view = views.get(key)
    if (view === undefined) {
      view = { byVoter: new Map(), weights: new Map(), certified: new Map() }
      views.set(key, view)
    }
    const said = view.byVoter.get(vote.voter) ?? []
    const lie = said.find((earlier) => conflictKind(earlier, vote) !== undefined)
    if (lie !== undefined) {
      culprits.add(peer)
      if (honest.has(peer) && !init.pardons(set, peer, lie, vote)) {
        const said = `${words(lie)} and ${words(vote)}`
        fault('equivocation', `honest voter ${vote.voter} said ${said} in view ${key}`)
      }
    }
    view.byVoter.set(vote.voter, [...said, vote])
    const before = view.weights.get(words(vote)) ?? 0
    view.weights.set(words(vote), before + weight)
    const quorum = quorumWeight(set)
    if (before >= quorum || before + weight < quorum) return
    for (const other of view.certified.values()) {
      const kinds = new Set([other.kind, vote.kind])
      const sameBlock = toHex(other.hash) === toHex(vote.hash)
      const clashes = kinds.has('nullify') ? kinds.has('finalise') : !sameBlock
      if (clashes) clash(`view ${key} has quorums for ${words(other)} and for ${words(vote)}`)
    }
    view.certified.set(words(vote), vote)
  }

  function watchCertificate(certificate: Certificate, from: PeerId): void {
    const { kind, epoch, view, hash, bitmap } = certificate
    const name = `${kind} ${epoch}/${view} ${toHex(hash)} ${toHex(bitmap)}`
    let good = seenCertificates.get(name)
    if (good === undefined) {
      const set = setOf(epoch)
      const checked = set && certificateItems(instance, set, certificate)
      good = checked?.ok === true && checked.items.every((item) => keyring.verify(item))
      seenCertificates.set(name, good)
      if (good) for (const vote of votesOf(certificate)) watchVote(vote, from)
    }
    // A liar may have shown a bad one first; honest members pass on only what they have checked.
    if (!good && honest.has(from)) {
      fault('validity', `honest ${from} passed on a bad certificate ${name}`)
    }
  }

  /** Whether a quorum of the voters that an end block names said READY, where it is one. */
  function isReady({ nextSet, justify }: ParsedProposal): boolean {
    if (nextSet === null) return true
    const next = parseVoterSet(nextSet)
    if (!next.ok || justify.ready === null) return false
    const ready = readyItems(instance, next.set, justify.ready)
    return ready.ok && ready.items.every((item) => keyring.verify(item))
  }

  function watchProposal(bytes: Uint8Array, from: PeerId): void {
    const parsed = parseProposal(bytes)
    if (!parsed.ok) return
    const { proposal } = parsed
    const id = toHex(proposal.id)
    if (seenBlocks.has(id)) return
    seenBlocks.add(id)
    const { epoch, bft } = proposal.parsed
    const set = setOf(epoch)
    if (set === undefined) return
    const item = proposalItem(set, proposal)
    if (!keyring.verify(item)) {
      seenBlocks.delete(id)
      return
    }
    const { parent, skipped } = proposal.justify
    const justified = checkProposal(instance, set, proposal).ok && isReady(proposal)
    for (const certificate of [...(parent ? [parent] : []), ...skipped]) {
      watchCertificate(certificate, justified ? from : NOBODY)
    }
    const leader = set.voters[set.leaders[(bft.view - 1) % set.leaders.length]!]!.peer
    if (justified) proposed.add(id)
    else if (honest.has(leader)) {
      fault('validity', `honest leader had no reason for its block in view ${epoch}/${bft.view}`)
    }
    const earlier = byLeader.get(`${epoch}/${bft.view}`)
    byLeader.set(`${epoch}/${bft.view}`, earlier ?? proposal.id)
    if (earlier === undefined || toHex(earlier) === id) return
    culprits.add(leader)
    const words = { kind: 'notarise', epoch, view: bft.view } as const
    const [one, other] = [
      { ...words, hash: earlier },
      { ...words, hash: proposal.id },
    ] as const
    if (honest.has(leader) && !init.pardons(set, leader, one, other)) {
      fault('equivocation', `honest leader proposed twice in view ${epoch}/${bft.view}`)
    }
  }

  function watchMessage(message: Message, from: PeerId): void {
    switch (message.type) {
      case 'vote':
        watchVote(message.vote, from)
        return
      case 'proposal':
        if (message.vote) watchVote(message.vote, from)
        watchProposal(message.proposal, from)
        return
      case 'certificate':
        watchCertificate(message.certificate, from)
        return
      case 'repair':
        for (const certificate of message.certificates) watchCertificate(certificate, from)
        for (const vote of message.votes) watchVote(vote, from)
        return
      case 'recalled':
        // Passed back unverified to whom they are said to be from.
        for (const vote of message.votes) watchVote(vote, NOBODY)
        return
      case 'blocks':
        for (const bytes of message.proposals) watchProposal(bytes, from)
        return
      case 'tip':
        if (message.certificate) watchCertificate(message.certificate, from)
        return
      default:
    }
  }

  return {
    sent(from, bytes) {
      if (parseOperation(bytes) !== undefined) return
      const parsed = parseMessage(bytes)
      if (parsed.ok) watchMessage(parsed.message, from)
      else if (honest.has(from)) fault('validity', `honest ${from} sent what is no message`)
    },
    wasProposed: (id) => proposed.has(toHex(id)),
    culprits: () => culprits,
    get votes() {
      return seenVotes.size
    },
  }
}
