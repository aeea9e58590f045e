/**
 * English texts: what a proposal asks for, all of it, and what the ledger recorded.
 *
 * @module
 */
import type { CharterChange, ProposedChange } from '@folkmoot/federation'
import type { Action, Operation } from '@folkmoot/ledger'
import { formatDate, formatDuration, formatNumber, shortPeer } from '../format.ts'
import type { DecidedOperation, DecisionView } from '../view-model.ts'
import { plural } from './count-words.ts'
import { decisionWords } from './decision-words.ts'

/** How a peer is called in a sentence. */
export type NameOf = (peer: string) => string

/** A text of the charter, which may be long. */
export interface ChangedText {
  readonly label: string
  readonly before: string
  readonly after: string
}

export interface ChangeWords {
  readonly title: string
  readonly lines: readonly string[]
  readonly texts: readonly ChangedText[]
}

const say = (title: string, lines: readonly string[] = []): ChangeWords => ({
  title,
  lines,
  texts: [],
})

const quoted = (text: string): string => `“${text}”`
const forOrg = (org: string): string => (org === '' ? '' : `, for ${org}`)

/** A study by its title; one whose manifest cannot be read by its id. */
const studyOf = ({ study, title }: { study: string; title: string | null }): string =>
  title === null ? `the study ${study.slice(0, 8)}` : `the study ${quoted(title)}`

/** `kind` is what an action is called that this page cannot read. */
export function changeWords(
  change: ProposedChange | null,
  kind: string,
  nameOf: NameOf,
): ChangeWords {
  switch (change?.kind) {
    case undefined:
      return say(`Something that this page cannot read (${kind})`, [
        'Reload the page for a newer one before you vote on it.',
      ])
    case 'invitation.create': {
      const { inviter, role, cohort, uses, expires } = change
      return say(`Let ${nameOf(inviter)} invite ${plural(uses, role, `${role}s`)} by a link`, [
        `The link is good until ${formatDate(expires)}${forOrg(cohort)}.`,
      ])
    }
    case 'study.open':
      return say(`Open ${studyOf(change)}`)
    case 'study.close':
      return say(`Close ${studyOf(change)}`)
    case 'member.revoke':
      return say(
        `Revoke the key of ${nameOf(change.peer)}`,
        change.reason === '' ? [] : [`Reason given: ${quoted(change.reason)}`],
      )
    case 'voter.offer': {
      const { peer, org, seat } = change
      const what = seat ? `Offer ${nameOf(peer)} a seat` : `Ask ${nameOf(peer)} to stand by`
      return say(`${what}${forOrg(org)}`)
    }
    case 'voter.remove': {
      const who = nameOf(change.peer)
      if (change.state === 'offered') return say(`Take back the seat that ${who} was offered`)
      if (change.state === 'standby') return say(`Let ${who} no longer stand by`)
      const none = change.state === null ? ['There is none to take away now.'] : []
      return say(`Take the seat of ${who} away`, none)
    }
    case 'voter.rotate':
      return say('Give the voters new keys')
    case 'charter.amend':
      return amendmentWords(change.changes)
    case 'engine.change':
      return say(
        `Let ${plural(change.voters.length, 'voter', 'voters')} decide instead of the founder, by ${change.engine}`,
        change.voters.map(({ peer, org }) => `${nameOf(peer)}${forOrg(org)}`),
      )
  }
}

function amendmentWords(changes: readonly CharterChange[]): ChangeWords {
  const lines: string[] = []
  const texts: ChangedText[] = []
  for (const change of changes) {
    if (change.part === 'text') {
      const { before, after } = change
      texts.push({ label: `${charterTexts[change.field]}: another text`, before, after })
    } else if (change.part === 'limit') {
      const { name, before, after } = change
      const known = Object.hasOwn(limitNames, name) ? limitNames[name] : undefined
      const label = known ?? `The limit ${quoted(name)}`
      lines.push(`${label}: ${limitWords(name, after)} (now ${limitWords(name, before)})`)
    } else {
      const { action, before, after } = change
      const asked = `Who approves ${quoted(actionName(action))}`
      lines.push(`${asked}: ${approver(after)} (now ${approver(before)})`)
    }
  }
  if (changes.length === 0) lines.push('The charter says all of it already.')
  return { title: 'Amend the charter', lines, texts }
}

const charterTexts = {
  purpose: 'Purpose',
  contact: 'Contact',
  admission: 'Admission',
  privacy: 'Privacy',
} as const

const limitNames: Readonly<Record<string, string>> = {
  members: 'Members at most',
  voteKeyMs: 'How long a seat waits for its vote key',
}

function limitWords(name: string, limit: number | null): string {
  if (limit === null) return 'no limit set'
  return name === 'voteKeyMs' ? formatDuration(limit) : formatNumber(limit)
}

const approvers: Readonly<Record<string, string>> = {
  founder: 'the founder',
  member: 'any member',
  inviter: 'whoever invited the peer',
  evidence: 'evidence',
}

function approver(rule: string): string {
  const orgs = /^(\d+) of orgs$/.exec(rule)?.[1]
  if (orgs === undefined) return approvers[rule] ?? rule
  return plural(Number(orgs), 'organisation', 'organisations')
}

/** What is proposed, by kind of action. */
const actionWords: Readonly<Record<Action['kind'], string>> = {
  'invitation.create': 'Issue an invitation',
  'study.open': 'Open a study',
  'study.close': 'Close a study',
  'member.revoke': 'Revoke a member’s key',
  'voter.offer': 'Offer a seat',
  'voter.remove': 'Take a seat away',
  'voter.rotate': 'Give the voters new keys',
  'charter.amend': 'Amend the charter',
  'engine.change': 'Let voters decide instead of the founder',
}

/** A kind that came later than this page is shown as it is called. */
function actionName(kind: string): string {
  return Object.hasOwn(actionWords, kind) ? actionWords[kind as Action['kind']] : kind
}

/** So many things of one decision are named; it may hold hundreds. */
const NAMED = 4

/** One row of the table of decisions. */
export function decidedWords(decision: DecisionView, nameOf: NameOf): string {
  const all = decision.operations.map((operation) => {
    const said = operationWords(operation, nameOf)
    const what = said.replace(/^this browser/, 'This browser')
    return operation.refused ? `${what} (refused)` : what
  })
  const different = [...new Set(all)]
  if (different.length === 0) return decision.turned ? decisionWords.turned : decisionWords.nothing
  const shown = different.slice(0, NAMED)
  const more = different.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(' · ')
}

function operationWords(operation: DecidedOperation, nameOf: NameOf): string {
  const { kind, about, title, units, nickname } = operation
  const who = nameOf(operation.by)
  const study = title === null ? 'a study' : quoted(title)
  switch (kind as Operation['kind']) {
    case 'federation.found':
      return 'Founded the federation'
    case 'invitation.create':
      return 'Issued an invitation'
    case 'invitation.revoke':
      return 'Withdrew an invitation'
    case 'member.admit':
      return `Admitted ${about === null ? nickname || 'a member' : admitted(about, nickname, nameOf)}`
    case 'member.leave':
      return `${who} left`
    case 'member.revoke':
      return `Revoked the key of ${about === null ? 'a peer' : nameOf(about)}`
    case 'study.open':
      return `Opened ${study}`
    case 'study.close':
      return `Closed ${study}`
    case 'study.batch':
      return `Recorded ${plural(units ?? 0, 'unit', 'units')} of ${study}`
    case 'audit.checkpoint':
      return `Anchored the log of ${about === null ? who : nameOf(about)}`
    case 'voter.key':
      return `${who}: a key for the next votes`
    case 'voter.accept':
      return `${who} agreed to vote`
    case 'voter.resign':
      return `${who} gave up voting`
    case 'voter.overdue':
      return `${about === null ? 'A voter' : nameOf(about)} is overdue with a key`
    case 'evidence':
      return 'A liar named by evidence'
    case 'propose':
      return `Proposed: ${actionName(operation.action)}`
    case 'ballot':
      return `${who} cast a ballot`
    case 'report':
      return `${who} reported ${study}`
    default:
      return 'Something that this page cannot read'
  }
}

/** Under the name that it gave when it came; it may be gone by now. */
function admitted(peer: string, nickname: string, nameOf: NameOf): string {
  const name = nameOf(peer)
  return name === shortPeer(peer) && nickname !== '' ? `${nickname} ${name}` : name
}
