/**
 * The questions that the benchmark of membership asks of a simulated crowd.
 *
 * @module
 */
import { presencePeriodMs } from '@folkmoot/membership'
import { type Crowd, type CrowdInit, createCrowd } from './crowd.ts'

export interface CrowdFigures {
  /** From joining until every watcher knows, in ms; undefined where some never did. */
  readonly joinMs: number | undefined
  /** From death until every watcher counts it as gone, in ms. */
  readonly deathMs: number | undefined
  /** The part of `deathMs` before the first watcher counted it as gone. */
  readonly firstDeathMs: number | undefined
  /** Copies of one record that one peer sends, on average. */
  readonly copiesPerRecord: number
  /** Records by which all peers together answer one who joins. */
  readonly answersPerJoin: number
  /** Records that all peers together publish in a minute, at the core's own period. */
  readonly recordsPerMinute: number
}

const WAIT_MS = 10 * 60_000

/** When each watcher saw it; undefined while one has not. */
function lastSeen(crowd: Crowd, what: 'joined' | 'gone', peer: number) {
  const id = crowd.id(peer)
  const times = crowd.watchers
    .filter((watcher) => watcher.peer !== peer)
    .map(({ seen }) => seen.findLast((each) => each.what === what && each.peer === id)?.at)
  const known = times.filter((time) => time !== undefined)
  return { all: known.length === times.length, times: known }
}

function timeUntilAll(crowd: Crowd, what: 'joined' | 'gone', peer: number) {
  const begun = crowd.now
  // Looking at everyone is dear; every tenth of a second is enough.
  let seen = lastSeen(crowd, what, peer)
  while (!seen.all && crowd.now < begun + WAIT_MS) {
    crowd.run(crowd.now + 100)
    seen = lastSeen(crowd, what, peer)
  }
  if (!seen.all) return { last: undefined, first: undefined }
  return { last: Math.max(...seen.times) - begun, first: Math.min(...seen.times) - begun }
}

export function measureCrowd(init: CrowdInit): CrowdFigures {
  const crowd = createCrowd(init)
  crowd.run(crowd.now + 1_000)
  const before = { copies: crowd.copies, records: crowd.records }
  const newcomer = crowd.join()
  const joined = timeUntilAll(crowd, 'joined', newcomer)
  crowd.run(crowd.now + 2_000)
  const copies = crowd.copies - before.copies
  const records = crowd.records - before.records
  const { answers } = crowd
  crowd.kill(newcomer)
  const died = timeUntilAll(crowd, 'gone', newcomer)
  // A record goes out between 3/4 of the period and the whole of it.
  const perPeer = 60_000 / (presencePeriodMs(init.peers) * 0.875)
  return {
    joinMs: joined.last,
    // Those that do not run the core would answer as often.
    answersPerJoin: answers * (init.peers / crowd.watchers.length),
    deathMs: died.last,
    firstDeathMs: died.first,
    copiesPerRecord: copies / Math.max(1, records) / init.peers,
    recordsPerMinute: perPeer * init.peers,
  }
}

/**
 * Watchers that wrongly counted a living peer as gone after some of its links broke for good: the
 * case that SWIM's indirect pings are for.
 */
export function falseDeaths(init: CrowdInit, links: number): number {
  const crowd = createCrowd(init)
  const subject = crowd.join()
  timeUntilAll(crowd, 'joined', subject)
  crowd.cut(subject, links)
  crowd.run(crowd.now + 120_000)
  const id = crowd.id(subject)
  return crowd.watchers.filter(({ seen }) =>
    seen.some((each) => each.what === 'gone' && each.peer === id),
  ).length
}
