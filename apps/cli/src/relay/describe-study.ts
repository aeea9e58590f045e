/**
 * A study as the admin listener, the terminal and the page's early answer tell of it.
 *
 * @module
 */
import type { Peer, StudyRoom } from '@folkmoot/federation'
import type { Study, StudySummary } from '../admin-api.ts'

/** What keeps a study from going on, in words: nobody to agree, or nobody whose voice counts anew. */
function whyNothingIsFinal(peer: Peer, { manifest }: StudyRoom): string | null {
  const workers = peer.present().filter(({ worker, status }) => worker && status === 'here')
  if (!workers.some((other) => other.peer !== peer.me)) return aloneNotice
  if (manifest.validation.distinct === 'peer') return null
  const state = peer.ledger.state.state()
  const roots = new Set(workers.map((worker) => state.rootOf(worker.peer) ?? 'unknown'))
  return roots.size > 1 ? null : oneVoiceNotice
}

export function summarise(peer: Peer, room: StudyRoom): StudySummary {
  const { manifest, study } = room
  const fact = peer.ledger.state.state().study(study)
  const counts = { waiting: 0, provisional: 0, disputed: 0, accepted: 0, final: 0 }
  for (const [unit, { state }] of room.acceptance().units.entries()) {
    counts[fact?.finalUnits.has(unit) === true ? 'final' : state] += 1
  }
  const answer = room.answer()
  const recorded = counts.final === manifest.units
  const complete = counts.final + counts.accepted === manifest.units
  const state = recorded
    ? 'recorded'
    : fact?.closed === true
      ? 'closed'
      : complete
        ? 'complete'
        : 'open'
  return {
    id: study,
    title: manifest.title,
    question: manifest.question,
    author: manifest.author,
    state,
    units: manifest.units,
    ...counts,
    answer:
      answer === null
        ? null
        : {
            estimate: answer.estimate,
            low: answer.low,
            high: answer.high,
            done: answer.done,
            label: manifest.answer.label,
          },
    notice: state === 'open' ? whyNothingIsFinal(peer, room) : null,
  }
}

export const aloneNotice = 'nothing is final until someone else agrees: open the link'
export const oneVoiceNotice =
  'nothing is final until someone with another invitation agrees: all workers came by the same one'

export function validationWords(room: StudyRoom): string {
  const { validation } = room.manifest
  const voices = validation.distinct === 'root' ? 'distinct invitation roots' : 'distinct peers'
  return validation.kind === 'quorum'
    ? `quorum of ${validation.m}, ${voices}`
    : `${validation.p / 10_000} % spot-checked, window of ${validation.window}, ${voices}`
}

export function describeStudy(peer: Peer, room: StudyRoom): Study {
  const { manifest } = room
  const final = peer.ledger.state.state().study(room.study)?.finalUnits
  return {
    ...summarise(peer, room),
    purpose: manifest.purpose,
    contact: manifest.contact,
    licence: manifest.licence,
    code: manifest.code,
    reduce: manifest.reduce,
    validation: validationWords(room),
    independence: manifest.validation.distinct === 'root' ? 'roots' : 'not-checked',
    expires: manifest.expires,
    limits: manifest.limits,
    unitStates: room.acceptance().units.map((unit, index) => ({
      unit: index,
      state: final?.has(index) === true ? 'final' : unit.state,
      output: unit.output ?? null,
      supporters: [...unit.supporters],
      against: unit.against.map((entry) => entry.peer),
    })),
  }
}
