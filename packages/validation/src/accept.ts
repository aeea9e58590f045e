/**
 * Acceptance: a pure, order-free function of the rule, the admitted peers and the set of votes.
 * Any peer computes it, and merging two sets never counts anything twice.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { Acceptance, Equivocation, UnitState } from './acceptance.ts'
import { type AuditRule, quorumOf, type Rule } from './rule.ts'
import { settleUnit, waitingUnit } from './settle-unit.ts'
import { type Check, checkOf, type Standing, standingOf } from './standing.ts'
import { collectVoices, type Voice, type Vote } from './vote.ts'

/** The trust root of an admitted peer; undefined for everybody else, whose votes are left out. */
export type RootOf = (peer: PeerId) => string | undefined

type Voices = ReadonlyArray<ReadonlyMap<PeerId, Voice> | undefined>

function standings(
  rule: AuditRule,
  voices: Voices,
  units: readonly UnitState[],
): Map<PeerId, Standing> {
  const byPeer = new Map<PeerId, { vote: Vote; check: Check }[]>()
  voices.forEach((peers, unit) => {
    for (const [peer, { vote }] of peers ?? []) {
      const list = byPeer.get(peer) ?? []
      byPeer.set(peer, list)
      list.push({ vote, check: checkOf(units[unit]!, vote) })
    }
  })
  return new Map([...byPeer].map(([peer, votes]) => [peer, standingOf(rule.window, votes)]))
}

/**
 * Checks are judged with all votes; then the votes that a failed check rolls back are taken out and
 * every unit is judged again, once. A single voice counts when its window has carried it.
 */
function audit(
  rule: AuditRule,
  voices: Voices,
  settle: (ignored?: (vote: Vote) => boolean) => UnitState[],
): { units: UnitState[]; failed: PeerId[] } {
  const standing = standings(rule, voices, settle())
  const units = settle((vote) => standing.get(vote.peer)?.rolledBack(vote) ?? false)
  voices.forEach((peers, unit) => {
    const state = units[unit]!
    if (state.state !== 'provisional') return
    const carried = state.supporters.some((peer) => {
      const vote = peers?.get(peer)?.vote
      return vote !== undefined && (standing.get(peer)?.carried(vote) ?? false)
    })
    if (carried) units[unit] = { ...state, state: 'accepted', by: 'window' }
  })
  const failed = [...standing].flatMap(([peer, worker]) => (worker.failed ? [peer] : [])).sort()
  return { units, failed }
}

/** Judges a whole study. Linear in the number of units and votes. */
export function accept(
  rule: Rule,
  unitCount: number,
  rootOf: RootOf,
  votes: Iterable<Vote>,
): Acceptance {
  const roots = new Map<PeerId, string | undefined>()
  const rootOnce = (peer: PeerId) => {
    if (!roots.has(peer)) roots.set(peer, rootOf(peer))
    return roots.get(peer)
  }
  const voices: Voices = collectVoices(unitCount, votes, (peer) => rootOnce(peer) !== undefined)
  const voiceOf = (vote: Vote) => (rule.distinct === 'root' ? rootOnce(vote.peer)! : vote.peer)
  const quorum = quorumOf(rule)
  const settle = (ignored?: (vote: Vote) => boolean) =>
    Array.from(voices, (peers) =>
      peers === undefined ? waitingUnit : settleUnit(peers.values(), quorum, voiceOf, ignored),
    )
  const { units, failed } =
    rule.kind === 'audit' ? audit(rule, voices, settle) : { units: settle(), failed: [] }
  const acceptedCount = units.reduce((sum, unit) => sum + (unit.state === 'accepted' ? 1 : 0), 0)
  return {
    units,
    acceptedCount,
    complete: acceptedCount === unitCount,
    equivocations: equivocations(voices),
    failed,
  }
}

function equivocations(voices: Voices): Equivocation[] {
  return voices.flatMap((peers, unit) =>
    [...(peers ?? [])]
      .flatMap(([peer, { vote, conflict }]) =>
        conflict === undefined ? [] : [{ peer, unit, results: [vote.id, conflict.id] as const }],
      )
      .sort((a, b) => (a.peer < b.peer ? -1 : 1)),
  )
}
