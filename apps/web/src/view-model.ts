/**
 * What the page shows, as data. The session fills it, the views draw it, and
 * `window.folkmoot.peek()` is derived from it; nothing else is shown anywhere.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { ProposedChange } from '@folkmoot/federation'

/** Why nothing can go on; each kind has its own words and its own way out. */
export interface Refusal {
  readonly code: string
  readonly title: string
  readonly explanation: string
  /** What the reader can do, in one sentence. */
  readonly remedy: string
}

export type Phase =
  | 'loading'
  | 'refused'
  | 'invited'
  | 'joining'
  | 'joined'
  | 'finished'
  | 'leaving'
  | 'left'

export interface FederationView {
  readonly id: string
  readonly fingerprint: string
  readonly name: string
  readonly purpose: string
  readonly contact: string
  readonly founder: string
  readonly privacy: string
  readonly preset: string
}

/** One field of the study's schema: its name, and type and range in words. */
export interface DeclaredField {
  readonly name: string
  readonly what: string
}

export interface StudyView {
  readonly id: string
  readonly question: string
  readonly title: string
  readonly purpose: string
  readonly author: string
  readonly contact: string
  readonly licence: string
  readonly units: number
  readonly validation: string
  readonly independence: 'roots' | 'not-checked'
  /** Plain names of the numbers that leave, from the manifest. */
  readonly leaves: readonly string[]
  /** Every field that may leave, as the schema declares it; the guard blocks all else. */
  readonly declared: readonly DeclaredField[]
  readonly limits: { readonly stepMs: Millis; readonly unitMs: Millis; readonly memoryMiB: number }
  readonly code: string
  readonly state: 'open' | 'complete' | 'recorded' | 'closed'
}

export interface Tile {
  readonly unit: number
  readonly state: 'waiting' | 'computing' | 'provisional' | 'accepted' | 'final' | 'disputed'
  readonly mine: 'none' | 'computing' | 'agreed' | 'pending' | 'not-accepted'
  /** Who else gave the same result, shortened peer ids. */
  readonly confirmedBy: readonly string[]
  /** For `not-accepted`: why, in words. */
  readonly why?: string
}

export interface AnswerView {
  readonly estimate: number
  readonly low: number
  readonly high: number
  readonly doneUnits: number
  readonly label: string
  readonly reference?: { readonly text: string; readonly source: string }
  /** Anything else that the study's reduce reports, name to number. */
  readonly facts: Readonly<Record<string, number>>
}

export type PauseReason =
  | 'you-paused'
  | 'finishing'
  | 'no-work'
  | 'complete'
  | 'no-peers'
  | 'study-stopped'
  | 'another-tab'
  | 'asleep'
  | 'storage-full'

export interface NowView {
  readonly paused: {
    readonly reason: PauseReason
    readonly words: string
    readonly until?: Millis
  } | null
  readonly unit: number | null
  /** 0 to 1, or null where unknown. */
  readonly progress: number | null
  readonly etaMs: Millis | null
  readonly mineDone: number
  readonly mineFinal: number
  readonly unitsPerMinute: number
  readonly notice: string | null
}

export interface LinkView {
  readonly peer: string
  readonly nickname: string
  readonly kind: 'direct' | 'relayed' | 'websocket'
  readonly rttMs: number | null
  readonly isRelay: boolean
  readonly finalResults: number
}

export interface PeerView {
  readonly peer: string
  readonly nickname: string
  readonly status: 'here' | 'suspect' | 'gone'
  readonly role: string
  /** It computes, so it can confirm a result. */
  readonly worker: boolean
  /** Where its chain of invitations begins; a study may count peers with the same one as one voice. */
  readonly root?: string
}

/** How many results of one peer became final; nothing else counts as credit. */
export interface CreditView {
  readonly peer: string
  readonly nickname: string
  readonly finalResults: number
}

/** One thing that somebody did and the federation agreed to. */
export interface DecidedOperation {
  /** As the ledger calls it; `unreadable` where this page cannot read it. */
  readonly kind: string
  /** It is on the record, and took no effect. */
  readonly refused: boolean
  readonly by: string
  /** The peer that it is about, where it names one. */
  readonly about: string | null
  /** What a new member calls itself. */
  readonly nickname: string
  /** Of the study that it is about; null where there is none, or none that can be read. */
  readonly title: string | null
  /** Of a batch of results. */
  readonly units: number | null
  /** What a proposal asks for, as the ledger calls it. */
  readonly action: string
}

/** One entry of the record. */
export interface DecisionView {
  readonly height: number
  /** View in which it was certified; null where the engine has none. */
  readonly view: number | null
  readonly at: Millis
  readonly operations: readonly DecidedOperation[]
  /** It is the last of its voters: others decide from here on. */
  readonly turned: boolean
}

/** One seat among those who decide. */
export interface SeatView {
  readonly peer: string
  readonly nickname: string
  readonly you: boolean
  /** Heard of lately; the seat's vote may still arrive where this is false. */
  readonly here: boolean
  /** Signed the newest certificate. A certificate is complete without the last votes, so false says little. */
  readonly signed: boolean
  /** Votes that this seat has. */
  readonly weight: number
}

/** The proof that the newest decision is final. */
export interface CertificateView {
  readonly height: number
  readonly signers: number
  readonly voters: number
}

/** Something that waits for the ballots of members or organisations. */
export interface ProposalView {
  readonly id: string
  /** What it would change; null where this page cannot read it. */
  readonly change: ProposedChange | null
  /** As the ledger calls it. */
  readonly kind: string
  readonly by: string
  /** What has to agree, as the charter writes it; `founder` where it says nothing. */
  readonly rule: string
  /** Ballots, and organisations of which more said yes than no. */
  readonly tally: { readonly yes: number; readonly no: number; readonly orgs: number }
  /** Entries that may still be decided before it lapses; at least 1. */
  readonly left: number
  readonly mine: 'yes' | 'no' | null
  /** Whether this member may cast a ballot. */
  readonly open: boolean
}

/**
 * What this browser does in agreement. `standby` has accepted and waits for a seat to fall free,
 * `next` votes from the next change of voters on; `stopped` has a seat and votes no more.
 */
export type VotingRole = 'observer' | 'offered' | 'standby' | 'next' | 'voter' | 'stopped'

/** What this browser was offered. */
export interface OfferView {
  /** False: to stand by. */
  readonly seat: boolean
  /** How many would vote then, and how many of them could be away. */
  readonly voters: number
  readonly tolerates: number
}

/** Why this browser takes no part in deciding any more. */
export interface StoppedView {
  readonly code: string
  /** Its copy of the record stopped as a whole: it hears of no decision either. */
  readonly all: boolean
}

/** A fact that can be proven to somebody who has one certificate. */
export interface ProvableFact {
  readonly key: string
  readonly what: 'federation' | 'member' | 'study' | 'finalUnits' | 'credit' | 'voters'
}

/** How long one stage of an action takes here. */
export interface StageLatency {
  readonly stage: string
  readonly medianMs: Millis
  readonly slowMs: Millis
}

export interface AuditRow {
  readonly seq: number
  readonly at: Millis
  readonly direction: 'out' | 'in' | 'local'
  readonly peer: string | null
  readonly action: string
  readonly capability: string | null
  readonly decision: string
  readonly reason: string | null
  /** The content as sent, after scrubbing, as readable text. */
  readonly content: string | null
  readonly bytes: number
}

export interface LedgerView {
  readonly engine: 'solo' | 'raft' | 'bft'
  readonly epoch: number
  readonly height: number
  readonly view: number
  readonly voters: readonly string[]
  readonly finalAtMs: Millis | null
  readonly behind: boolean
  readonly seats: readonly SeatView[]
  /** Votes that a decision takes. */
  readonly quorum: number
  /** Votes that may be away, or lie, without harm. */
  readonly tolerates: number
  /** While too few are here to decide anything. */
  readonly stalled: boolean
  readonly certificate: CertificateView | null
  readonly role: VotingRole
  readonly offer: OfferView | null
  readonly stopped: StoppedView | null
  readonly proposals: readonly ProposalView[]
  readonly facts: readonly ProvableFact[]
}

export type Verification =
  | { readonly state: 'idle' }
  | { readonly state: 'running' }
  | { readonly state: 'ok'; readonly words: string }
  /** It holds, and there is something to know beside it. */
  | { readonly state: 'doubtful'; readonly words: string }
  | { readonly state: 'failed'; readonly words: string }
  /** Two histories were decided, and both are signed. */
  | { readonly state: 'forked'; readonly words: string }

export interface PageView {
  readonly phase: Phase
  readonly refusal: Refusal | null
  readonly joiningStep: string | null
  readonly federation: FederationView | null
  readonly study: StudyView | null
  readonly studies: readonly {
    readonly id: string
    readonly title: string
    readonly state: string
  }[]
  readonly relayOrigin: string
  /** URLs of the STUN servers that this browser will ask for its outside address. */
  readonly stunServers: readonly string[]
  /** Who signed the invitation, where that is not the founder. */
  readonly inviter: string | null
  readonly peerId: string | null
  readonly answer: AnswerView | null
  readonly tiles: readonly Tile[]
  readonly now: NowView
  readonly links: readonly LinkView[]
  readonly peers: readonly PeerView[]
  readonly webrtc: 'available' | 'unavailable'
  readonly relayUp: boolean
  readonly audit: {
    readonly rows: readonly AuditRow[]
    readonly size: number
    readonly checkpoint: string | null
  }
  readonly ledger: LedgerView | null
  /** Newest first; a page shows the latest few dozen. */
  readonly decisions: readonly DecisionView[]
  /** This browser included; highest first. */
  readonly credits: readonly CreditView[]
  /** The link by which others can join, or null where this member may not share one. */
  readonly inviteLink: string | null
  /** The share of one core that work may take, 0 to 1. */
  readonly share: number
  readonly verification: Verification
  readonly auditVerification: Verification
  readonly decisionsVerification: Verification
  readonly factVerification: Verification
  /** After leaving: the ledger has taken the revocation of the key. */
  readonly revocationPublished: boolean
  readonly leader: boolean
  readonly privateWindow: boolean
  readonly clockOffsetMs: Millis
  /** Units per minute, newest last, one value per bucket of `bucketMs`. */
  readonly history: {
    readonly bucketMs: Millis
    readonly mine: readonly number[]
    readonly all: readonly number[]
  }
  /** Empty until something was measured. */
  readonly latency: readonly StageLatency[]
}

/** What a person can do on the page. */
export interface PageActions {
  join(): void
  pause(): void
  resume(): void
  /** Finish this unit, then stop. */
  finish(): void
  leave(): void
  verifyStudy(): void
  verifyAudit(): void
  downloadProof(): void
  downloadAudit(): void
  downloadRevocation(): void
  reportStudy(reason: string): void
  stopStudy(): void
  runAgain(): void
  /** Checks the newest certificate and every change of voters back to the charter. */
  verifyDecisions(): void
  /** Proves one fact from the newest certificate, and checks the proof. */
  proveFact(key: string): void
  downloadFact(key: string): void
  acceptVote(): void
  /** Declines an offer, or gives the seat back. */
  resignVote(): void
  castBallot(ballot: { readonly proposal: string; readonly yes: boolean }): void
  /** Changes the share of one core that work may take; 0.25, 0.5 or 1. */
  setShare(share: number): void
}
