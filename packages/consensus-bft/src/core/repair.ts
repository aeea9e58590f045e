/**
 * How lost messages are made good: a Status says where one stands; the answer brings certificates,
 * the replier's own votes, which exist nowhere else, and what became final.
 *
 * @module
 */
import type { Certificate, Vote } from '@folkmoot/consensus'
import { type VerifyItem, voteItem } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { countVote, holdCertificate, isWelcome } from './count.ts'
import {
  MAX_HELD_VIEWS,
  MAX_REPAIR_CERTIFICATES,
  MAX_REPAIR_VOTES,
  type Message,
  type Status,
} from './messages.ts'
import type { CoreState } from './state.ts'
import { ownVotesAbove } from './vote.ts'

export function sendStatus(core: CoreState, to: readonly PeerId[]): void {
  const open = core.openViews()
  const holding = (kind: 'notarise' | 'nullify') =>
    open
      .filter(({ certificates }) => certificates[kind])
      .map(({ view }) => view)
      .slice(-MAX_HELD_VIEWS)
  core.send(to, {
    type: 'status',
    epoch: core.set.epoch,
    finalView: core.tip.view,
    finalHeight: core.tip.height,
    currentView: core.currentView,
    notarised: holding('notarise'),
    nullified: holding('nullify'),
  })
}

/** Brings the asker up to where we are, and asks in return where it is ahead. */
export function onStatus(core: CoreState, from: PeerId, status: Status): void {
  const { epoch, finalView, finalHeight, currentView } = status
  const isBehind = finalHeight < core.tip.height || epoch < core.set.epoch
  // Removed members and newcomers too: whoever lacks what is final gets it.
  if (finalHeight < core.tip.height) serve(core, from, finalHeight + 1)
  const isAhead =
    epoch > core.set.epoch ||
    (epoch === core.set.epoch && (finalView > core.tip.view || currentView > core.currentView))
  if (isAhead && !isBehind) askOnce(core, from)
  if (epoch !== core.set.epoch || !core.repaired.allows(from, core.now)) return
  const certificates = certificatesFor(core, status)
  // What an older copy has on its disk may be other than what was said: others are asked first.
  const votes = core.recalled ? ownVotesAbove(core, finalView).slice(0, MAX_REPAIR_VOTES) : []
  if (certificates.length + votes.length > 0) {
    const bytes = core.send([from], { type: 'repair', certificates, votes })
    core.repaired.take(from, bytes, core.now)
  }
}

/** Hands out entries of the log, but not as often as somebody may ask. */
export function serve(core: CoreState, to: PeerId, from: number): void {
  const last = core.servedAt.get(to)
  if (last?.from === from && core.now - last.at < core.timing.deltaMs / 4) return
  core.servedAt.set(to, { from, at: core.now })
  core.emit({ type: 'serve', to, from })
}

/** A Status of ours, unless this peer had one a moment ago: two that are ahead must not play ping-pong. */
export function askOnce(core: CoreState, peer: PeerId): void {
  const last = core.askedAt.get(peer)
  if (last !== undefined && core.now - last < core.timing.deltaMs / 2) return
  core.askedAt.set(peer, core.now)
  sendStatus(core, [peer])
}

function certificatesFor(core: CoreState, status: Status): Certificate[] {
  const { finalView, notarised, nullified } = status
  const known = { notarise: new Set(notarised), nullify: new Set(nullified), finalise: new Set() }
  const newestFirst = [...core.views.values()]
    .filter(({ view }) => view > finalView)
    .sort((a, b) => b.view - a.view)
  const certificates = newestFirst.flatMap(({ view, certificates }) =>
    [certificates.finalise, certificates.notarise, certificates.nullify].filter(
      (held): held is Certificate => held !== undefined && !known[held.kind].has(view),
    ),
  )
  // The views that the asker is stuck in come last, and would never come otherwise.
  if (certificates.length <= MAX_REPAIR_CERTIFICATES) return certificates
  const half = MAX_REPAIR_CERTIFICATES / 2
  return [...certificates.slice(0, half), ...certificates.slice(-half)]
}

export function onRepair(
  core: CoreState,
  { certificates, votes }: Extract<Message, { type: 'repair' }>,
): void {
  verifyAll(core, certificates, votes)
}

/**
 * Verifies what is news in one go, each signature on its own, and takes in what holds; `then` runs
 * when all of it does.
 */
export function verifyAll(
  core: CoreState,
  certificates: readonly Certificate[],
  votes: readonly Vote[],
  then: () => void = () => {},
): void {
  const { instance } = core.config
  const parcels: { readonly items: readonly VerifyItem[]; readonly take: () => void }[] = []
  for (const certificate of certificates) {
    if (certificate.epoch !== core.set.epoch || certificate.view <= core.tip.view) continue
    if (core.certificate(certificate.view, certificate.kind)) continue
    const checked = core.rules.certified(instance, core.set, certificate)
    if (!checked.ok) continue
    parcels.push({ items: checked.items, take: () => holdCertificate(core, certificate) })
  }
  for (const vote of votes) {
    const item = isWelcome(core, vote) ? voteItem(instance, core.set, vote) : undefined
    if (!item) continue
    parcels.push({ items: [item], take: () => isWelcome(core, vote) && countVote(core, vote) })
  }
  if (parcels.length === 0) return
  const { epoch } = core.set
  const token = core.expect('verified', ({ ok }) => {
    if (core.set.epoch !== epoch) return
    let place = 0
    for (const { items, take } of parcels) {
      if (ok.slice(place, place + items.length).every(Boolean)) take()
      place += items.length
    }
    if (ok.every(Boolean)) then()
  })
  core.emit({ type: 'verify', items: parcels.flatMap(({ items }) => items), token })
}
