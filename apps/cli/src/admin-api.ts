/**
 * The relay's admin listener, as data: what each path takes and gives. The relay checks what it is
 * sent against these schemas, and the other commands, its clients, what it answers.
 *
 * - Address and token lie in `<state>/admin.json`, mode 0600 ({@link adminFileSchema}), from the
 *   moment the relay can be asked, which is before it is ready, until it stops.
 * - The listener binds loopback only and refuses a `Host` that is not a loopback name, so that a
 *   web page cannot reach it under a name of its own.
 * - `/livez`, `/readyz` and `/metrics` are open to every process of this machine; everything under
 *   `/v1` needs `authorization: Bearer <token>`, because the audit log tells who did what.
 * - GET never changes anything; POST takes a JSON object, except where noted.
 * - A JSON answer is `{ ok: true, data }` or `{ ok: false, error: { code, message, hint? } }`, with
 *   a status from {@link statusOf}.
 *
 * | Path | Takes | Gives |
 * | --- | --- | --- |
 * | GET /livez | | `200 ok` as text while the process answers |
 * | GET /readyz | | {@link Readiness}; 200, or 503 while a check fails |
 * | GET /metrics | | Prometheus text |
 * | GET /v1/status | | {@link statusSchema} |
 * | GET /v1/peers | | array of {@link peerSchema} |
 * | GET /v1/studies | | array of {@link studySummarySchema} |
 * | GET /v1/studies/:id | an id, or `latest` | {@link studySchema} |
 * | GET /v1/studies/:id/bundle | | the bundle, `application/cbor` |
 * | POST /v1/studies | {@link studyPackageSchema}, `application/cbor` | {@link studySummarySchema} |
 * | POST /v1/studies/:id/close | {} | {@link studySummarySchema} |
 * | GET /v1/ledger?from=&limit= or ?last= | heights from 1; limit and last ≤ 500 | {@link ledgerPageSchema} |
 * | GET /v1/ledger/export | | `encode({ v: 1, charter: bytes, entries: bytes[] })`, `application/cbor` |
 * | GET /v1/ledger/check | | {@link ledgerCheckSchema}; other peers are asked, `consensus/fork` where they prove another history |
 * | GET /v1/ledger/prove?key= | a key of a fact | a file for `verifyFactFile` of `ledger`, `application/cbor` |
 * | GET /v1/voting | | {@link votingSchema} |
 * | POST /v1/proposals | `{ action }`, an action of `ledger` without bytes | {@link proposalSchema}, or null |
 * | POST /v1/proposals/study | {@link studyPackage}, `application/cbor` | {@link proposalSchema}, or null |
 * | POST /v1/proposals/invitation | {@link newInvitationSchema} | {@link proposedInvitationSchema} |
 * | POST /v1/proposals/:id/ballot | {@link newBallotSchema} | {@link proposalSchema}, or null |
 * | POST /v1/voter/accept, /v1/voter/resign | {} | {@link votingSchema} |
 * | GET /v1/audit?… | {@link auditQuerySchema} | {@link auditPageSchema} |
 * | GET /v1/audit/export?format= | `cbor` (default) or `jsonl` | the export as bytes or lines |
 * | GET /v1/invitations | | array of {@link invitationSchema} |
 * | POST /v1/invitations | {@link newInvitationSchema} | {@link invitationSchema} with its `link` |
 * | POST /v1/invitations/:id/revoke | {} | {@link invitationSchema} |
 * | POST /v1/revoke/:peer | {@link newRevocationSchema} | {@link peerSchema} |
 * | POST /v1/stop | {} | {}; the relay then drains and stops |
 *
 * Instants are ms since the epoch, durations ms; ids are strings as everywhere else.
 *
 * @module
 */
import { bytesSchema } from '@folkmoot/codec'
import { invitationRoleSchema } from '@folkmoot/identity'
import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const instant = count

/** `<state>/admin.json`, written by the relay as soon as it can be asked, removed when it stops. */
export const adminFileSchema = v.object({
  /** `http://127.0.0.1:4690`. */
  address: v.string(),
  /** At least 128 random bits, new at every start. */
  token: v.string(),
  /** The relay's process id, so that a file left behind by a crash is recognised. */
  pid: count,
  startedAt: instant,
})
export type AdminFile = v.InferOutput<typeof adminFileSchema>

/** The `data` of the one line that `folkmoot relay --format json` prints when it is ready. */
export interface Ready {
  /** The page's address, without an invitation. */
  readonly page: string
  /** The default invitation's full link; empty where there is none. */
  readonly invite: string
  /** The admin listener's address. */
  readonly admin: string
  readonly peerId: string
  readonly federation: string
  /** The study that was opened at the start, or null. */
  readonly study: string | null
}

/** What `/readyz` says. */
export interface Readiness {
  readonly ready: boolean
  /** For example `ledger`, `audit`, `transport`, `page`, `disk`. */
  readonly checks: ReadonlyArray<{
    readonly name: string
    readonly ok: boolean
    readonly detail?: string | undefined
  }>
}

const answerSchema = v.object({
  estimate: v.number(),
  low: v.number(),
  high: v.number(),
  /** Units that the answer rests on. */
  done: count,
  label: v.string(),
})

export const studySummarySchema = v.object({
  id: v.string(),
  title: v.string(),
  question: v.string(),
  author: v.string(),
  /** `complete`: every unit accepted; `recorded`: and every batch final on the ledger. */
  state: v.picklist(['open', 'complete', 'recorded', 'closed']),
  units: count,
  /** Units by where they stand; they add up to `units`. `final` is on the ledger. */
  waiting: count,
  provisional: count,
  disputed: count,
  accepted: count,
  final: count,
  answer: v.nullable(answerSchema),
  /** What keeps it from going on, in words: "nothing is final until someone else agrees…". */
  notice: v.nullable(v.string()),
})
export type StudySummary = v.InferOutput<typeof studySummarySchema>

export const studySchema = v.object({
  ...studySummarySchema.entries,
  purpose: v.string(),
  contact: v.string(),
  licence: v.string(),
  /** Content ids of the two modules. */
  code: v.string(),
  reduce: v.string(),
  /** In words: `quorum of 2, distinct peers`. */
  validation: v.string(),
  independence: v.picklist(['roots', 'not-checked']),
  expires: instant,
  limits: v.object({ stepMs: count, unitMs: count, memoryPages: count, outputBytes: count }),
  unitStates: v.array(
    v.object({
      unit: count,
      state: v.picklist(['waiting', 'provisional', 'disputed', 'accepted', 'final']),
      /** Content id of the leading output. */
      output: v.nullable(v.string()),
      supporters: v.array(v.string()),
      against: v.array(v.string()),
    }),
  ),
})
export type Study = v.InferOutput<typeof studySchema>

export const peerSchema = v.object({
  peer: v.string(),
  nickname: v.string(),
  role: v.picklist(['founder', 'member', 'observer']),
  /** The invitation at the root of its chain, or `founder`. */
  root: v.string(),
  member: v.picklist(['final', 'left', 'revoked']),
  since: instant,
  presence: v.picklist(['here', 'suspect', 'gone']),
  /** This relay's own link to it. */
  link: v.nullable(
    v.object({
      kind: v.picklist(['direct', 'relayed', 'websocket', 'tcp', 'local']),
      rttMs: v.nullable(v.number()),
      since: instant,
    }),
  ),
  finalResults: count,
})
export type Peer = v.InferOutput<typeof peerSchema>

export const statusSchema = v.object({
  version: v.string(),
  startedAt: instant,
  peerId: v.string(),
  page: v.string(),
  addresses: v.array(v.string()),
  federation: v.object({
    id: v.string(),
    name: v.string(),
    fingerprint: v.string(),
    preset: v.string(),
    engine: v.picklist(['solo', 'raft', 'bft']),
  }),
  ledger: v.object({
    height: count,
    finalAt: v.nullable(instant),
    /** Who decides now: one founder, or voters, in this epoch. */
    engine: v.picklist(['solo', 'raft', 'bft']),
    epoch: count,
    voters: count,
    /** Whether this relay is one of them. */
    decides: v.boolean(),
    /** Whether this relay leads them at present. */
    role: v.picklist(['leader', 'follower']),
    /** Operations submitted here that are not final yet. */
    waiting: count,
    /** Why the engine, or this relay as a voter, stopped for good, if it did. */
    halted: v.nullable(v.string()),
    /** Why nothing can be decided at present, where that is known; it goes on by itself. */
    stalled: v.nullable(v.string()),
  }),
  members: count,
  /** Members that are here now, this relay included. */
  here: count,
  links: count,
  studies: v.array(studySummarySchema),
  worker: v.object({ enabled: v.boolean(), unit: v.nullable(count), done: count }),
  audit: v.object({ logId: v.string(), size: count, full: v.boolean() }),
  /** Counters of refused input by fault code, since the start. */
  refused: v.record(v.string(), count),
})
export type Status = v.InferOutput<typeof statusSchema>

/** Decoded body of POST /v1/studies: `encode({ manifest, blocks })`. */
export const studyPackageSchema = v.strictObject({
  /** The manifest, signed by its author. */
  manifest: bytesSchema(256 * 1024),
  /** Code, reduce and inputs; each is stored under its own content id. */
  blocks: v.pipe(v.array(bytesSchema(16 * 1024 * 1024)), v.maxLength(1_000)),
})
export type StudyPackage = v.InferOutput<typeof studyPackageSchema>

/** The newest decision, checked from nothing but the charter. */
export const ledgerCheckSchema = v.object({
  height: count,
  signers: count,
  voters: count,
  epochs: count,
  /** Other peers that answered, and how many of them proved the same history. */
  answered: count,
  confirmedBy: count,
  /** The newest decision is older than two heartbeats of the voters. */
  stale: v.boolean(),
})
export type LedgerCheck = v.InferOutput<typeof ledgerCheckSchema>

export const ledgerPageSchema = v.object({
  height: count,
  entries: v.array(
    v.object({
      height: count,
      time: instant,
      epoch: count,
      /** What kind of proof shows that it is final: the founder's signature, a certificate, or a receipt. */
      finality: v.picklist(['solo', 'bft', 'raft']),
      ops: v.array(
        v.object({
          id: v.string(),
          kind: v.string(),
          signer: v.string(),
          /** In a few words, without personal data: `admits 12D3…`, `batch of 12 units`. */
          summary: v.string(),
          outcome: v.picklist(['applied', 'refused']),
          reason: v.nullable(v.string()),
        }),
      ),
    }),
  ),
  /** The `from` of the next page, or null at the end. */
  next: v.nullable(count),
})
export type LedgerPage = v.InferOutput<typeof ledgerPageSchema>

export const proposalSchema = v.object({
  id: v.string(),
  by: v.string(),
  /** As it calls itself; empty where it is not here. */
  byNickname: v.string(),
  /** The action's kind. */
  kind: v.string(),
  /** In one line. */
  what: v.string(),
  /** All that would change, by name; empty once it was carried. */
  details: v.array(v.tuple([v.string(), v.string()])),
  /** The charter's rule for it, in force now. */
  rule: v.string(),
  state: v.picklist(['open', 'carried', 'ran out']),
  expiresHeight: count,
  /** For how many more decisions it is open. */
  decisionsLeft: count,
  /** Peers. */
  yes: v.array(v.string()),
  no: v.array(v.string()),
  /** Organisations with more yes than no. */
  orgs: count,
  mine: v.nullable(v.picklist(['yes', 'no'])),
})
export type Proposal = v.InferOutput<typeof proposalSchema>

export const newBallotSchema = v.strictObject({ yes: v.boolean() })

const voterRows = v.array(v.object({ peer: v.string(), org: v.string(), weight: count }))

export const votingSchema = v.object({
  /** 0 while the founder decides alone. */
  epoch: count,
  voters: voterRows,
  /** How much weight may be gone; under `bft` also lie. */
  tolerates: count,
  engine: v.picklist(['solo', 'raft', 'bft']),
  /** Whether seats ask for a new epoch. */
  changing: v.boolean(),
  /** The next epoch's voters, once they are decided. */
  next: v.nullable(voterRows),
  /** Seats whose key the change waits for. */
  keysMissing: v.array(v.string()),
  roles: v.array(
    v.object({
      peer: v.string(),
      org: v.string(),
      state: v.picklist(['offered', 'standby', 'seated']),
    }),
  ),
  /** Peers against whom there is evidence. */
  evicted: v.array(v.string()),
  /** Rules in force, by action; what is missing is the founder's to decide. */
  approval: v.record(v.string(), v.string()),
  proposals: v.array(proposalSchema),
})
export type Voting = v.InferOutput<typeof votingSchema>

/** Query parameters, all optional, all strings on the wire; they narrow each other. */
export const auditQuerySchema = v.object({
  /** First sequence number to give. */
  from: v.optional(v.string()),
  /** At most this many entries, ≤ 1,000; default 100. */
  limit: v.optional(v.string()),
  /** Instants; `since` inclusive, `until` exclusive. */
  since: v.optional(v.string()),
  until: v.optional(v.string()),
  peer: v.optional(v.string()),
  action: v.optional(v.string()),
  direction: v.optional(v.picklist(['out', 'in', 'local'])),
  decision: v.optional(v.picklist(['allowed', 'refused', 'done', 'failed'])),
  capability: v.optional(v.string()),
})

export const auditPageSchema = v.object({
  logId: v.string(),
  size: count,
  entries: v.array(
    v.object({
      seq: count,
      at: instant,
      phase: v.picklist(['intent', 'outcome']),
      of: v.nullable(count),
      direction: v.picklist(['out', 'in', 'local']),
      peer: v.nullable(v.string()),
      action: v.string(),
      capability: v.nullable(v.string()),
      envelope: v.nullable(v.string()),
      decision: v.string(),
      reason: v.nullable(v.string()),
      channel: v.nullable(v.string()),
      contentHash: v.nullable(v.string()),
      /** The content as sent, after scrubbing, as readable text; null where only its hash is kept. */
      content: v.nullable(v.string()),
    }),
  ),
  next: v.nullable(count),
})
export type AuditPage = v.InferOutput<typeof auditPageSchema>

export const newInvitationSchema = v.strictObject({
  /** Default 100, and 1 for a voter. */
  uses: v.optional(v.pipe(count, v.minValue(1), v.maxValue(100_000))),
  /** How long it is valid; default 7 days. */
  validMs: v.optional(v.pipe(count, v.minValue(1_000), v.maxValue(366 * 86_400_000))),
  role: v.optional(invitationRoleSchema),
  cohort: v.optional(v.pipe(v.string(), v.maxLength(64))),
})
export type NewInvitation = v.InferOutput<typeof newInvitationSchema>

export const invitationSchema = v.object({
  id: v.string(),
  role: invitationRoleSchema,
  cohort: v.string(),
  uses: count,
  used: count,
  expires: instant,
  state: v.picklist(['valid', 'expired', 'used-up', 'revoked']),
  inviter: v.string(),
  /** Null where another peer made it: only who did has the seed. */
  link: v.nullable(v.string()),
})
export type Invitation = v.InferOutput<typeof invitationSchema>

/** An invitation that waits for ballots: its link lets nobody in before. */
export const proposedInvitationSchema = v.object({
  proposal: v.nullable(proposalSchema),
  link: v.string(),
})
export type ProposedInvitation = v.InferOutput<typeof proposedInvitationSchema>

export const newRevocationSchema = v.strictObject({
  reason: v.pipe(v.string(), v.maxLength(200)),
})

export const failureSchema = v.object({
  ok: v.literal(false),
  error: v.object({ code: v.string(), message: v.string(), hint: v.optional(v.string()) }),
})

const statuses: Readonly<Record<string, number>> = {
  'cli/unauthorised': 401,
  'cli/not-found': 404,
  'cli/bad-request': 400,
  'audit/full': 507,
  'cli/not-decided': 504,
  'consensus/fork': 409,
  'federation/engine': 422,
}

/** The HTTP status for a failure's code; 500 where nothing more precise is known. */
export function statusOf(code: string): number {
  const exact = statuses[code]
  if (exact !== undefined) return exact
  if (/^policy\//.test(code)) return 403
  return /^(ledger|studies|identity|guard|codec|sandbox)\//.test(code) ? 422 : 500
}
