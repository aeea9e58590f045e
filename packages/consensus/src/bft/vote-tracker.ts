/**
 * Collects verified votes, view by view: joins those that say the same to certificates, and keeps
 * apart those that prove a lie. Which views may come in is for the caller to bound.
 *
 * @module
 */
import { equalBytes, toHex } from '@folkmoot/codec'
import { type Certificate, makeCertificate, votesOf } from './certificate.ts'
import { type Conflict, conflictKind, sorted } from './conflict.ts'
import type { Vote, VoteKind } from './vote.ts'
import { quorumWeight, type VoterSet } from './voter-set.ts'

/** What a vote brought. */
export interface Tracked {
  /** False for words that this voter is known to have said already. */
  readonly isNew: boolean
  /** The certificate that this vote completed. */
  readonly certificate: Certificate | undefined
  /** Pairs with earlier votes of this voter that no honest one signs both of. */
  readonly conflicts: readonly Conflict[]
}

/** Kept of one voter in one view: each kind, and a second hash for the two that name a block. More prove nothing more. */
const MAX_KEPT = 5

interface View {
  /** Different words only. */
  readonly byVoter: Map<number, Vote[]>
  readonly byWords: Map<string, { weight: number; readonly votes: Vote[] }>
  readonly certificates: Map<string, Certificate>
}

export class VoteTracker {
  readonly #set: VoterSet
  readonly #quorum: number
  readonly #views = new Map<number, View>()

  /** All votes given must be of the set's epoch and verified. */
  constructor(set: VoterSet) {
    this.#set = set
    this.#quorum = quorumWeight(set)
  }

  /** Whether this voter is known to have said exactly this: nothing needs to be verified then. */
  knows(vote: Vote): boolean {
    const words = this.#views.get(vote.view)?.byVoter.get(vote.voter)
    return words?.some((known) => isSame(known, vote)) ?? false
  }

  /** Whether this voter has said as much in the view as is kept: it is a proven liar already. */
  isFull(vote: Pick<Vote, 'view' | 'voter'>): boolean {
    return this.votesBy(vote.voter, vote.view).length >= MAX_KEPT
  }

  /** What a voter said in a view. */
  votesBy(voter: number, view: number): readonly Vote[] {
    return this.#views.get(view)?.byVoter.get(voter) ?? []
  }

  /** Everything kept of what a voter said, in any view. */
  wordsOf(voter: number): readonly Vote[] {
    return [...this.#views.values()].flatMap(({ byVoter }) => byVoter.get(voter) ?? [])
  }

  /** Weight of those who said it. */
  weightOf(kind: VoteKind, view: number, hash: Uint8Array): number {
    return this.#views.get(view)?.byWords.get(wordsKey(kind, hash))?.weight ?? 0
  }

  /** A certificate of this kind; with `hash`, that of one block. */
  certificate(kind: VoteKind, view: number, hash?: Uint8Array): Certificate | undefined {
    const held = this.#views.get(view)?.certificates
    if (hash) return held?.get(wordsKey(kind, hash))
    return held && [...held.values()].find((certificate) => certificate.kind === kind)
  }

  /** Counts a verified vote. */
  add(vote: Vote): Tracked {
    const view = this.#view(vote.view)
    const words = view.byVoter.get(vote.voter) ?? []
    if (words.length >= MAX_KEPT || words.some((known) => isSame(known, vote))) {
      return { isNew: false, certificate: undefined, conflicts: [] }
    }
    view.byVoter.set(vote.voter, [...words, vote])
    const key = wordsKey(vote.kind, vote.hash)
    const sum = view.byWords.get(key) ?? { weight: 0, votes: [] }
    sum.weight += this.#set.voters[vote.voter]?.weight ?? 0
    sum.votes.push(vote)
    view.byWords.set(key, sum)
    const conflicts = words.filter((known) => conflictKind(known, vote))
    return {
      isNew: true,
      certificate: this.#complete(view, key, sum),
      conflicts: conflicts.map((known) => sorted(known, vote)),
    }
  }

  /** Takes a verified certificate with the votes in it; answers the lies that these prove. */
  addCertificate(certificate: Certificate): readonly Conflict[] {
    const { certificates } = this.#view(certificate.view)
    const key = wordsKey(certificate.kind, certificate.hash)
    if (!certificates.has(key)) certificates.set(key, certificate)
    return votesOf(certificate).flatMap((vote) => this.add(vote).conflicts)
  }

  /** Drops the views up to this one. */
  forget(upTo: number): void {
    for (const view of [...this.#views.keys()]) if (view <= upTo) this.#views.delete(view)
  }

  #view(number: number): View {
    const known = this.#views.get(number)
    if (known) return known
    const view: View = { byVoter: new Map(), byWords: new Map(), certificates: new Map() }
    this.#views.set(number, view)
    return view
  }

  #complete(view: View, key: string, sum: { weight: number; votes: Vote[] }) {
    if (sum.weight < this.#quorum || view.certificates.has(key)) return undefined
    const certificate = makeCertificate(this.#set, sum.votes)
    if (certificate) view.certificates.set(key, certificate)
    return certificate
  }
}

function isSame(a: Vote, b: Vote): boolean {
  return a.kind === b.kind && equalBytes(a.hash, b.hash)
}

function wordsKey(kind: VoteKind, hash: Uint8Array): string {
  return `${kind}/${toHex(hash)}`
}
