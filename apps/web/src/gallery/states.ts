/**
 * Every view and state of the page, by name.
 *
 * @module
 */
import { emptyView } from '../empty-view.ts'
import { nothingRecalled, type Recollection } from '../recollection.ts'
import { type RefusalCode, refusalCodes, refusalOf } from '../refusals.ts'
import type { NowView, PageView, PauseReason } from '../view-model.ts'
import { words } from '../words.ts'
import {
  agreed,
  decisions,
  decisionsOfFour,
  decisionsOfOthers,
  ledger,
  loneTab,
  offered,
  offeredFifth,
  offeredStandby,
  offeredThird,
  raft,
  stalled,
  standby,
  stopped,
  two,
  weighted,
} from './sample-decisions.ts'
import {
  answerAt,
  credits,
  federation,
  latency,
  links,
  peers,
  people,
  study,
  UNITS,
} from './sample-study.ts'
import { auditRows, courseTo, history, tilesOf } from './sample-work.ts'

export interface GalleryState {
  readonly view: PageView
  readonly recollection: Recollection
}

const RELAY = 'https://moot.palmer.example'
const LINK = `${RELAY}/#join=pWF2AWNmZWR4QGExYjJjM2Q0ZTVmNjA3MTgyOTNhNGI1YzZkN2U4ZjkwYTFiMmMzZDRlNWY2MDcxODI5M2E0`
const HOUR = 3_600_000

const working: NowView = {
  paused: null,
  unit: 37,
  progress: 0.62,
  etaMs: 1200,
  mineDone: 14,
  mineFinal: 12,
  unitsPerMinute: 15,
  notice: null,
}

const invited: PageView = { ...emptyView(RELAY), phase: 'invited', federation, study }

const joined: PageView = {
  ...invited,
  phase: 'joined',
  peerId: people.you,
  answer: answerAt(48),
  tiles: tilesOf({ final: 42, accepted: 6, provisional: 7, computing: 4 }),
  now: working,
  links,
  peers,
  audit: {
    rows: auditRows,
    size: 143,
    checkpoint: 'folkmoot/a1b2c3d4/…QmX/1 size 140 root 9fKp3Zq1',
  },
  ledger,
  decisions,
  credits,
  inviteLink: LINK,
  history,
  latency,
}

const committee: PageView = { ...joined, ledger: agreed, decisions: decisionsOfFour }
/** Others decide, and this browser looks on. */
const others: PageView = { ...committee, decisions: decisionsOfOthers }

const finished: PageView = {
  ...joined,
  phase: 'finished',
  answer: answerAt(UNITS),
  tiles: tilesOf({ final: UNITS, accepted: 0, provisional: 0, computing: 0 }),
  now: { ...working, unit: null, progress: null, etaMs: null, mineDone: 24, mineFinal: 24 },
  study: { ...study, state: 'recorded' },
}

function paused(reason: PauseReason, until?: number): PageView {
  const why = { reason, words: words.reasons[reason], ...(until === undefined ? {} : { until }) }
  const idle = reason === 'finishing' ? {} : { unit: null, progress: null, etaMs: null }
  return { ...joined, now: { ...working, ...idle, paused: why } }
}

function state(view: PageView): GalleryState {
  const recollection = view.answer
    ? {
        course: courseTo(view.answer.doneUnits),
        confirmations: view.tiles
          .filter((tile) => tile.mine === 'agreed')
          .slice(-2)
          .reverse()
          .map((tile) => ({ unit: tile.unit, by: tile.confirmedBy })),
      }
    : nothingRecalled
  return { view, recollection }
}

const alone = tilesOf({ final: 0, accepted: 0, provisional: 9, computing: 1 }).map((tile) => ({
  ...tile,
  mine: tile.state === 'provisional' ? ('pending' as const) : tile.mine,
}))

const refused = (code: RefusalCode): GalleryState =>
  state({
    ...emptyView(RELAY),
    phase: 'refused',
    refusal: refusalOf(code),
    federation: code === 'page/revoked' ? federation : null,
  })

export const states: Readonly<Record<string, GalleryState>> = {
  loading: state(emptyView(RELAY)),
  ...Object.fromEntries(
    refusalCodes.map((code) => [`refused-${code.replace('page/', '')}`, refused(code)]),
  ),
  invited: state(invited),
  'invited-stun': state({ ...invited, stunServers: ['stun:stun.palmer.example:3478'] }),
  'invited-by-member': state({ ...invited, inviter: people.ada }),
  joining: state({ ...invited, phase: 'joining', joiningStep: words.joining.steps[2] ?? null }),
  'joined-first-moment': state({
    ...joined,
    answer: null,
    tiles: tilesOf({ final: 0, accepted: 0, provisional: 0, computing: 2 }),
    now: { ...working, unit: 1, progress: 0.1, mineDone: 0, mineFinal: 0, unitsPerMinute: 0 },
    links: links.slice(0, 1).map((link) => ({ ...link, finalResults: 0 })),
    peers: peers.slice(0, 3),
    audit: { rows: auditRows.slice(-2), size: 2, checkpoint: null },
    credits: [],
    history: { bucketMs: 10_000, mine: [], all: [] },
    latency: [],
  }),
  'joined-alone': state({
    ...joined,
    answer: answerAt(9),
    tiles: alone,
    now: { ...working, unit: 10, mineDone: 9, mineFinal: 0, unitsPerMinute: 17 },
    links: links.slice(0, 1).map((link) => ({ ...link, finalResults: 0 })),
    peers: peers.slice(0, 2),
    inviteLink: 'http://localhost:4600/#join=pWF2AWNmZWR4QGExYjJjM2Q0ZTVm',
    audit: { rows: auditRows.slice(-3), size: 23, checkpoint: null },
    credits: [],
  }),
  joined: state(joined),
  'joined-paused': state(paused('you-paused')),
  'joined-finishing': state(paused('finishing')),
  'joined-no-work': state(paused('no-work')),
  'joined-asleep': state(paused('asleep')),
  'joined-storage-full': state(paused('storage-full')),
  'joined-relay-away': state({
    ...joined,
    relayUp: false,
    links: links.slice(1),
    peers: peers.filter((peer) => peer.peer !== people.relay),
  }),
  'joined-waiting-for-record': state({
    ...paused('complete'),
    answer: answerAt(UNITS),
    relayUp: false,
    study: { ...study, state: 'complete' },
    tiles: tilesOf({ final: 70, accepted: 24, provisional: 0, computing: 0 }),
    links: links.slice(1),
  }),
  'joined-committee': state({
    ...committee,
    decisionsVerification: {
      state: 'ok',
      words: `${words.session.decisionsVerified(17, 3, 4, 4)} ${words.session.confirmed(3, 3)}`,
    },
    factVerification: { state: 'ok', words: words.session.factProven(9, 17) },
  }),
  'joined-stale': state({
    ...committee,
    decisionsVerification: {
      state: 'doubtful',
      words: `${words.session.decisionsVerified(17, 3, 4, 4)} ${words.session.confirmed(0, 0)} ${words.session.stale}`,
    },
  }),
  'joined-forked': state({
    ...committee,
    decisionsVerification: { state: 'forked', words: words.session.forked },
  }),
  'joined-offered': state({ ...joined, ledger: offered }),
  'joined-offered-third': state({ ...others, ledger: offeredThird }),
  'joined-offered-fifth': state({ ...others, ledger: offeredFifth }),
  'joined-offered-standby': state({ ...others, ledger: offeredStandby }),
  'joined-offer-refused': state({
    ...joined,
    ledger: offered,
    now: { ...working, notice: 'the offer was taken back meanwhile' },
  }),
  'joined-standby': state({ ...others, ledger: standby }),
  'joined-two-voters': state({ ...committee, ledger: two }),
  'joined-stopped': state({ ...committee, ledger: stopped }),
  'joined-raft': state({
    ...committee,
    ledger: raft,
    decisions: decisionsOfOthers.map((each) => ({ ...each, view: null })),
  }),
  'joined-lone-tab': state({ ...others, ledger: loneTab }),
  'joined-weighted': state({ ...committee, ledger: weighted }),
  'joined-stalled': state({ ...committee, ledger: stalled }),
  'joined-relay-away-committee': state({ ...committee, relayUp: false, links: links.slice(1) }),
  'joined-no-webrtc': state({
    ...joined,
    webrtc: 'unavailable',
    links: links.map((l) => ({ ...l, kind: l.isRelay ? l.kind : 'relayed' })),
  }),
  'joined-private-window': state({ ...joined, privateWindow: true }),
  'joined-clock-off': state({ ...joined, clockOffsetMs: HOUR }),
  'joined-another-tab': state({ ...paused('another-tab'), leader: false }),
  'joined-not-accepted': state({
    ...joined,
    tiles: tilesOf({
      final: 42,
      accepted: 4,
      disputed: 2,
      provisional: 6,
      computing: 4,
      notAccepted: [5, 13, 21],
    }),
    now: { ...working, mineFinal: 8 },
  }),
  'joined-many-units': state({
    ...joined,
    study: { ...study, units: 4000 },
    answer: answerAt(2300),
    tiles: Array.from({ length: 4000 }, (_, unit) => ({
      unit,
      state:
        unit < 2100
          ? 'final'
          : unit < 2300
            ? 'accepted'
            : unit < 2500
              ? 'provisional'
              : unit < 2560
                ? 'computing'
                : 'waiting',
      mine: 'none' as const,
      confirmedBy: [],
    })),
  }),
  finished: state(finished),
  'finished-verified': state({
    ...finished,
    verification: {
      state: 'ok',
      words: words.session.verified(UNITS, UNITS, 6, []),
    },
  }),
  'finished-verification-failed': state({
    ...finished,
    verification: {
      state: 'failed',
      words: 'Not verified. Unit 12, result 2: the signature does not fit.',
    },
  }),
  'finished-visitor': state({
    ...finished,
    peerId: null,
    inviteLink: null,
    tiles: finished.tiles.map((tile) => ({ ...tile, mine: 'none' as const })),
  }),
  leaving: state({ ...joined, phase: 'leaving', ledger: agreed }),
  left: state({ ...joined, phase: 'left', revocationPublished: true }),
  'left-unpublished': state({ ...joined, phase: 'left' }),
}
