/**
 * Fuzz target: what voters send each other and what proves that one lied. Whatever the bytes, the
 * parsers answer with a verdict, what they accept is canonical, and the pure checks behind them do
 * not throw on it.
 *
 * @module
 */
import { equalBytes, sha256, utf8 } from '@folkmoot/codec'
import { peerIdOf } from '@folkmoot/identity'
import { END_EPOCH, encodeHeader, type Header } from '../header.ts'
import { payloadRoot } from '../payload.ts'
import { encodeReceipt, parseReceipt, receiptItems } from '../raft-receipt.ts'
import {
  type Certificate,
  certificateItems,
  encodeCertificate,
  parseCertificate,
  votesOf,
} from './certificate.ts'
import { encodeEvidence, evidenceItems, parseEvidence } from './evidence.ts'
import {
  checkProposal,
  encodeProposal,
  type Justification,
  justifyHash,
  parseProposal,
  proposalItem,
} from './proposal.ts'
import { readyItems } from './ready.ts'
import { encodeVote, NO_BLOCK, parseVote, voteItem } from './vote.ts'
import { VoteTracker } from './vote-tracker.ts'
import { checkSeats, encodeVoterSet, leaderOf, parseVoterSet, type VoterSet } from './voter-set.ts'

const instance = 'ab'.repeat(32)
const signature = new Uint8Array(64).fill(9)
const hash = (text: string) => sha256(utf8(text))

/** Keys that no one has: nothing here is ever verified. */
function seats(engine: 'bft' | 'raft', epoch: number): VoterSet {
  const voters = ['a', 'b', 'c', 'd']
    .map((name) => ({ peer: peerIdOf(hash(name)), voteKey: hash(`${name} votes`) }))
    .sort((x, y) => (x.peer < y.peer ? -1 : 1))
    .map((voter) => ({ ...voter, org: '', weight: 1 }))
  return { epoch, engine, voters, leaders: [0, 1, 2, 3] }
}

const set = seats('bft', 1)
const next = seats('bft', 2)
const members = seats('raft', 1)

function certificate(kind: Certificate['kind'], view: number, block: Uint8Array): Certificate {
  const signatures = [signature, signature, signature]
  return { epoch: 1, kind, view, hash: block, bitmap: Uint8Array.of(7), signatures }
}

function proposalSeed(ends: boolean): Uint8Array {
  const nextSet = ends ? encodeVoterSet(next) : null
  const ready = nextSet && {
    epoch: 2,
    setHash: sha256(nextSet),
    stateRoot: hash('state'),
    bitmap: Uint8Array.of(11),
    signatures: [signature, signature, signature],
  }
  const justify: Justification = {
    parent: certificate('notarise', 3, hash('parent')),
    skipped: [certificate('nullify', 4, NO_BLOCK)],
    ready,
  }
  const payload = ends ? [] : [{ id: 'a', bytes: utf8('one'), refusal: null }]
  const header: Header = {
    instance,
    epoch: 1,
    height: 2,
    parentHash: hash('parent'),
    payloadHash: payloadRoot(payload),
    stateRoot: hash('state'),
    historyRoot: hash('history'),
    time: 1_700_000_000_000,
    ...(nextSet && { nextSetHash: sha256(nextSet) }),
    bft: { view: 5, parentView: 3, justifyHash: justifyHash(justify), flags: ends ? END_EPOCH : 0 },
  }
  return encodeProposal({ header: encodeHeader(header), payload, justify, nextSet, signature })
}

function voteSeed(block: string) {
  const vote = { epoch: 1, kind: 'notarise', view: 5, hash: hash(block), voter: 1 } as const
  return { ...vote, signature }
}

function headerSeed(time: number) {
  const header: Header = {
    instance,
    epoch: 1,
    height: 1,
    parentHash: NO_BLOCK,
    payloadHash: payloadRoot([]),
    stateRoot: hash('state'),
    historyRoot: hash('history'),
    time,
    bft: { view: 1, parentView: 0, justifyHash: hash('why'), flags: 0 },
  }
  return { header: encodeHeader(header), signature }
}

export const name = 'consensus bft objects'

export const seeds: Uint8Array[] = [
  encodeVoterSet(set),
  encodeVoterSet(members),
  encodeVote(voteSeed('a')),
  encodeVote({ ...voteSeed('a'), kind: 'nullify', hash: NO_BLOCK }),
  encodeCertificate(certificate('finalise', 5, hash('a'))),
  encodeCertificate(certificate('nullify', 5, NO_BLOCK)),
  proposalSeed(false),
  proposalSeed(true),
  encodeEvidence({ kind: 'votes', votes: [voteSeed('a'), voteSeed('b')] }),
  encodeEvidence({ kind: 'proposals', proposals: [headerSeed(1), headerSeed(2)] }),
  encodeReceipt({ bitmap: Uint8Array.of(7), signatures: [signature, signature, signature] }),
]

function demandCanonical(what: string, input: Uint8Array, again: Uint8Array): void {
  if (!equalBytes(input, again)) throw new Error(`${what} was accepted that is not canonical`)
}

/** Answers with what each parser made of it. */
export function run(input: Uint8Array): string {
  const voters = parseVoterSet(input)
  if (voters.ok) {
    demandCanonical('a set of voters', input, encodeVoterSet(voters.set))
    checkSeats(voters.set, { crossOrg: true })
    leaderOf(voters.set, 7)
  }
  const vote = parseVote(input)
  if (vote.ok) {
    demandCanonical('a vote', input, encodeVote(vote.vote))
    if (voteItem(instance, set, vote.vote)) new VoteTracker(set).add(vote.vote)
  }
  const quorum = parseCertificate(input)
  if (quorum.ok) {
    demandCanonical('a certificate', input, encodeCertificate(quorum.certificate))
    const checked = certificateItems(instance, set, quorum.certificate)
    if (checked.ok && votesOf(quorum.certificate).length !== checked.items.length) {
      throw new Error('a certificate was accepted with another number of votes')
    }
  }
  const proposal = parseProposal(input)
  if (proposal.ok) {
    demandCanonical('a proposal', input, encodeProposal(proposal.proposal))
    checkProposal(instance, set, proposal.proposal)
    proposalItem(set, proposal.proposal)
    const { ready } = proposal.proposal.justify
    if (ready) readyItems(instance, next, ready)
  }
  const evidence = parseEvidence(input)
  if (evidence.ok) {
    demandCanonical('evidence', input, encodeEvidence(evidence.evidence))
    evidenceItems(instance, { setOf: () => set }, input)
  }
  const receipt = parseReceipt(input)
  if (receipt.ok) {
    demandCanonical('a receipt', input, encodeReceipt(receipt.receipt))
    receiptItems(members, input, receipt.receipt)
  }
  return [voters, vote, quorum, proposal, evidence, receipt]
    .map((verdict) => (verdict.ok ? 'ok' : verdict.fault.message))
    .join('; ')
}
