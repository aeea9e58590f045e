/**
 * What a proposal asks for, as plain data: nobody should vote on what they cannot see. The page and
 * the command put it into words; names of peers are theirs to find.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import {
  type Amendment,
  type Charter,
  type InvitationRole,
  invitationSchema,
  type PeerId,
  peekRecord,
} from '@folkmoot/identity'
import { type Action, parseRule, type RoleFact } from '@folkmoot/ledger'
import { peekManifest } from '@folkmoot/studies'

/** One field of the charter that an amendment would change. */
export type CharterChange =
  | {
      readonly part: 'text'
      readonly field: 'purpose' | 'contact' | 'admission' | 'privacy'
      readonly before: string
      readonly after: string
    }
  /** Null where the charter sets no such limit. */
  | {
      readonly part: 'limit'
      readonly name: string
      readonly before: number | null
      readonly after: number | null
    }
  /** Rules as the charter writes them; `founder` where the founder alone decides. */
  | {
      readonly part: 'rule'
      readonly action: string
      readonly before: string
      readonly after: string
    }

export type ProposedChange =
  | {
      readonly kind: 'invitation.create'
      readonly inviter: PeerId
      readonly role: InvitationRole
      readonly cohort: string
      readonly uses: number
      readonly expires: Millis
    }
  /** `title` is null where the manifest cannot be read. */
  | { readonly kind: 'study.open'; readonly study: string; readonly title: string | null }
  | { readonly kind: 'study.close'; readonly study: string; readonly title: string | null }
  | { readonly kind: 'member.revoke'; readonly peer: PeerId; readonly reason: string }
  | {
      readonly kind: 'voter.offer'
      readonly peer: PeerId
      readonly org: string
      /** False: to stand by. */
      readonly seat: boolean
    }
  /** `state` is what would be taken away: an offer, standing by, or a seat; null where there is none any more. */
  | {
      readonly kind: 'voter.remove'
      readonly peer: PeerId
      readonly state: RoleFact['state'] | null
    }
  | { readonly kind: 'voter.rotate' }
  /** Empty where the charter says all of it already. */
  | { readonly kind: 'charter.amend'; readonly changes: readonly CharterChange[] }
  | {
      readonly kind: 'engine.change'
      readonly engine: 'bft' | 'raft'
      readonly voters: readonly { readonly peer: PeerId; readonly org: string }[]
    }

/** What of the shared state a description needs; the `LedgerState` has it. */
export interface ChangeSurroundings {
  readonly voting: {
    readonly charterInForce: Charter
    readonly roles: ReadonlyMap<PeerId, Pick<RoleFact, 'state'>>
  }
  study(id: string): { readonly manifest: Uint8Array } | undefined
}

/** What `action` would change now; null where this version cannot read it. */
export function proposedChange(
  action: Action | undefined,
  state: ChangeSurroundings,
): ProposedChange | null {
  switch (action?.kind) {
    case undefined:
      return null
    case 'invitation.create':
      return readInvitation(action.body.invitation)
    case 'study.open': {
      const { manifest, manifestId: study } = action.body
      return { kind: action.kind, study, title: titleIn(manifest) }
    }
    case 'study.close': {
      const { study } = action.body
      return { kind: action.kind, study, title: titleIn(state.study(study)?.manifest) }
    }
    case 'voter.remove': {
      const { peer } = action.body
      return { kind: action.kind, peer, state: state.voting.roles.get(peer)?.state ?? null }
    }
    case 'charter.amend':
      return { kind: action.kind, changes: amended(state.voting.charterInForce, action.body) }
    case 'voter.rotate':
      return { kind: action.kind }
    case 'member.revoke':
      return { kind: action.kind, ...action.body }
    case 'voter.offer':
      return { kind: action.kind, ...action.body }
    case 'engine.change':
      return { kind: action.kind, ...action.body }
  }
}

function titleIn(manifest: Uint8Array | undefined): string | null {
  const peeked = manifest && peekManifest(manifest)
  return peeked?.ok ? peeked.manifest.title : null
}

function readInvitation(bytes: Uint8Array): ProposedChange | null {
  const peeked = peekRecord('invitation', invitationSchema, bytes)
  if (!peeked.ok) return null
  const { role, cohort, uses, expires } = peeked.value
  return { kind: 'invitation.create', inviter: peeked.signer, role, cohort, uses, expires }
}

const texts = ['purpose', 'contact', 'admission', 'privacy'] as const

/** An amendment gives whole fields; most of what a map holds is usually as it was. */
function amended(charter: Charter, amendment: Amendment): CharterChange[] {
  const found: CharterChange[] = []
  for (const field of texts) {
    const before = charter[field]
    const after = amendment[field]
    if (after !== undefined && after !== before) found.push({ part: 'text', field, before, after })
  }
  for (const name of namesOf(charter.limits, amendment.limits)) {
    const before = own(charter.limits, name) ?? null
    const after = own(amendment.limits!, name) ?? null
    if (before !== after) found.push({ part: 'limit', name, before, after })
  }
  for (const action of namesOf(charter.approval, amendment.approval)) {
    const before = ruleIn(charter.approval, action)
    const after = ruleIn(amendment.approval!, action)
    if (before !== after) found.push({ part: 'rule', action, before, after })
  }
  return found
}

/** Ascending; none where the amendment leaves the whole field alone. */
function namesOf<Value>(
  before: Readonly<Record<string, Value>>,
  after: Readonly<Record<string, Value>> | undefined,
): string[] {
  return after === undefined
    ? []
    : [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
}

/** A charter's maps come from outside: `constructor` is no limit. */
function own<Value>(map: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined
}

/** Without a rule, or with one that this version does not know, the founder alone decides. */
function ruleIn(rules: Readonly<Record<string, string>>, action: string): string {
  const text = own(rules, action)
  return text === undefined || parseRule(text).kind === 'founder' ? 'founder' : text
}
