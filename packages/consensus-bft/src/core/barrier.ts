/**
 * A height that covers everything acknowledged to anyone before the question. Whoever acknowledged
 * had a certificate F; its voters and any quorum share an honest one, which names a view at least as high.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { Message } from './messages.ts'
import { verifyAll } from './repair.ts'
import type { CoreState } from './state.ts'

export interface Barrier {
  readonly nonce: number
  readonly epoch: number
  readonly token: number
  readonly heard: Set<PeerId>
  /** Highest view that may hold something acknowledged. */
  view: number
}

export function openBarrier(core: CoreState, token: number): void {
  core.nonce += 1
  const { nonce } = core
  const barrier = { nonce, epoch: core.set.epoch, token, heard: new Set<PeerId>(), view: 0 }
  if (core.me !== undefined) {
    barrier.heard.add(core.config.me)
    barrier.view = promisedView(core)
  }
  core.barriers.set(nonce, barrier)
  core.send(core.others, { type: 'tip-request', nonce })
}

/** Highest view in which this voter said F or knows a certificate that may lead to one. */
function promisedView(core: CoreState): number {
  let view = core.finalView
  for (const state of core.views.values()) {
    if (state.view > view && (state.own.finalise || state.certificates.notarise)) view = state.view
  }
  return view
}

export function onTipRequest(core: CoreState, from: PeerId, nonce: number): void {
  const view = promisedView(core)
  const { finalise, notarise } = core.views.get(view)?.certificates ?? {}
  const certificate = finalise ?? notarise ?? core.tip.certificate ?? null
  core.send([from], { type: 'tip', nonce, epoch: core.set.epoch, view, certificate })
}

export function onTip(
  core: CoreState,
  from: PeerId,
  { nonce, epoch, view, certificate }: Extract<Message, { type: 'tip' }>,
): void {
  const barrier = core.barriers.get(nonce)
  if (!barrier || epoch !== barrier.epoch || !core.set.voters.some((v) => v.peer === from)) return
  // Its first answer came after the question, which is enough: later ones would put off for ever a
  // reader that is always a view behind.
  if (barrier.heard.has(from)) return
  const take = () => {
    if (barrier.heard.has(from)) return
    barrier.heard.add(from)
    barrier.view = Math.max(barrier.view, view)
  }
  if (view <= core.finalView || core.isNotarisedAt(view)) take()
  // A view that nobody can show a certificate of is no view to wait for.
  else if (certificate?.view === view && certificate.kind !== 'nullify') {
    verifyAll(core, [certificate], [], take)
  }
}

/** Asks again, for what was lost. */
export function repeatBarriers(core: CoreState): void {
  for (const barrier of core.barriers.values()) {
    if (isHeard(core, barrier)) continue
    const silent = core.others.filter((peer) => !barrier.heard.has(peer))
    core.send(silent, { type: 'tip-request', nonce: barrier.nonce })
  }
}

function isHeard(core: CoreState, { heard }: Barrier): boolean {
  const weight = core.set.voters.reduce((s, v) => s + (heard.has(v.peer) ? v.weight : 0), 0)
  return weight >= core.quorum || !core.rules.asksBeforeReads
}

/** Answers the barriers that are passed. */
export function passBarriers(core: CoreState): void {
  for (const [nonce, barrier] of [...core.barriers]) {
    const { token, view, epoch } = barrier
    if (epoch < core.set.epoch) {
      // What was acknowledged may be in the new epoch already: its voters are to be asked.
      core.barriers.delete(nonce)
      openBarrier(core, token)
      continue
    }
    const isDurable = core.undelivered.length === 0
    // Above an end block the next voters may have acknowledged more: they are asked once they are known.
    if (!isHeard(core, barrier) || core.tip.view < view || !isDurable || core.ending) continue
    core.barriers.delete(nonce)
    core.emit({ type: 'passed', token, height: core.tip.height })
  }
}
