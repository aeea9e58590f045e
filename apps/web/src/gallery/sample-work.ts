/**
 * Tiles, log entries and history of a study that has come so far.
 *
 * @module
 */
import { shortPeer } from '../format.ts'
import type { CoursePoint } from '../recollection.ts'
import type { AuditRow, PageView, Tile } from '../view-model.ts'
import { answerAt, NOON, people, UNITS } from './sample-study.ts'

const OTHERS = [people.ada, people.ben, people.chi, people.relay].map(shortPeer)

export interface Spread {
  readonly final: number
  readonly accepted: number
  readonly provisional: number
  readonly computing: number
  readonly disputed?: number
  readonly notAccepted?: readonly number[]
}

/** Units in about the order in which they are leased, each fourth of them this browser's. */
export function tilesOf(spread: Spread): Tile[] {
  const steps: [Tile['state'], number][] = [
    ['final', spread.final],
    ['accepted', spread.accepted],
    ['disputed', spread.disputed ?? 0],
    ['provisional', spread.provisional],
    ['computing', spread.computing],
  ]
  const states = steps.flatMap(([state, count]) => Array<Tile['state']>(count).fill(state))
  return Array.from({ length: UNITS }, (_, unit) => {
    const state = states[shuffled(unit, states.length)] ?? 'waiting'
    const bad = spread.notAccepted?.includes(unit) ?? false
    return bad ? badTile(unit) : goodTile(unit, state)
  })
}

function badTile(unit: number): Tile {
  return {
    unit,
    state: 'final',
    mine: 'not-accepted',
    confirmedBy: [],
    why: `${OTHERS[0]} and ${OTHERS[1]} agree on 18,842 extreme shuffles; this browser sent 0.`,
  }
}

function goodTile(unit: number, state: Tile['state']): Tile {
  const ours = unit % 4 === 1
  const settled = state === 'final' || state === 'accepted'
  const mine = !ours || state === 'waiting' ? 'none' : settled ? 'agreed' : 'pending'
  const by = OTHERS[unit % OTHERS.length] ?? ''
  const also = OTHERS[(unit + 1) % OTHERS.length] ?? ''
  return {
    unit,
    state,
    mine: mine === 'pending' && state === 'computing' ? 'computing' : mine,
    confirmedBy: settled ? (ours ? [by] : [by, also]) : [],
  }
}

/** Swaps near neighbours, so that the picture is as uneven as real work. */
function shuffled(unit: number, count: number): number {
  const swap = (unit * 7) % 5 === 0 ? 3 : (unit * 7) % 5 === 1 ? -3 : 0
  const to = unit + swap
  return to < 0 || unit >= count || count < 8 ? unit : to
}

/** Looks at the answer, as many as a drawing shows apart: units of a large study come in by the dozen. */
export function courseTo(doneUnits: number): CoursePoint[] {
  const every = Math.ceil(doneUnits / MAX_LOOKS)
  const looks = Math.floor(doneUnits / every)
  return Array.from({ length: looks }, (_, i) => answerAt(doneUnits - (looks - 1 - i) * every))
}

const MAX_LOOKS = 100

export const history: PageView['history'] = {
  bucketMs: 10_000,
  mine: [0, 4, 9, 12, 14, 13, 15, 14, 15, 16, 9, 0, 0, 8, 15, 15, 16, 15],
  all: [6, 14, 28, 34, 41, 46, 52, 50, 55, 58, 49, 38, 40, 51, 60, 58, 62, 60],
}

const result = (unit: number, extreme: number): string =>
  `{ "unit": ${unit}, "shuffles": 250000, "extreme": ${extreme} }`

function row(seq: number, at: number, part: Partial<AuditRow>): AuditRow {
  return {
    seq,
    at: NOON - at,
    direction: 'out',
    peer: null,
    action: 'unit result',
    capability: null,
    decision: 'done',
    reason: null,
    content: null,
    bytes: 0,
    ...part,
  }
}

export const auditRows: readonly AuditRow[] = [
  row(143, 900, { content: result(33, 18_842), bytes: 412, peer: people.ada }),
  row(142, 2400, {
    direction: 'in',
    action: 'lease',
    bytes: 296,
    peer: people.relay,
    content: '{ "units": [33] }',
  }),
  row(141, 5200, {
    direction: 'in',
    action: 'call',
    capability: 'files.read',
    decision: 'refused',
    reason: 'policy/not-exposed',
    bytes: 310,
    peer: people.dov,
  }),
  row(140, 6100, { content: result(29, 18_911), bytes: 412, peer: people.ada }),
  row(139, 6900, {
    direction: 'in',
    action: 'unit result',
    bytes: 412,
    peer: people.ben,
    content: result(29, 18_911),
  }),
  row(138, 8300, { content: result(25, 18_798), bytes: 412, peer: people.ada }),
  row(137, 12_000, { direction: 'local', action: 'unit', content: 'unit 25 computed in 0.98 s' }),
  row(136, 31_000, {
    action: 'block',
    direction: 'in',
    bytes: 5120,
    peer: people.chi,
    content: 'code bafkreigh2…s52zy, checked against its content id',
  }),
  row(135, 38_000, {
    action: 'consent',
    bytes: 388,
    peer: people.relay,
    content: '{ "study": "5f0c1d9a…", "version": "1" }',
  }),
  row(134, 39_000, {
    action: 'admission',
    bytes: 532,
    peer: people.relay,
    content: '{ "redemption": "…", "nickname": "" }',
  }),
]
