/**
 * Loads what anchors checkpoints when there is something to anchor: after this peer's first
 * operation, or once it has been here for a while. No page waits for it.
 *
 * @module
 */
import { errorMessage, type Millis } from '@folkmoot/base'
import type { AnchorCheckpointsInit, Anchoring } from './anchor-checkpoints.ts'

/** With other operations of this peer, at least so far apart. */
export const anchorAlongMs: Millis = 10 * 60_000

export function startAnchoring(init: AnchorCheckpointsInit): Anchoring {
  const { me, ledger, timers, logger } = init
  const sequence = () => ledger.state.state().sequence(me)
  const before = sequence()
  let loaded: Promise<Anchoring> | undefined
  let stopped = false
  const load = () => {
    end()
    loaded ??= import('./anchor-checkpoints.ts').then(({ anchorCheckpoints }) => {
      const anchoring = anchorCheckpoints(init, before)
      if (stopped) anchoring.stop()
      return anchoring
    })
    return loaded
  }
  const begin = () =>
    void load().catch((error) =>
      logger.log('warn', 'no checkpoints are anchored', { reason: errorMessage(error) }),
    )
  const cancel = timers.after(anchorAlongMs, begin)
  const unhear = ledger.onFinal(() => {
    if (sequence() !== before) begin()
  })
  const end = () => {
    cancel()
    unhear()
  }
  return {
    last: async () => {
      if (ledger.voters().every((voter) => voter === me)) await (await load()).last()
    },
    stop: () => {
      stopped = true
      end()
      void loaded?.then((anchoring) => anchoring.stop()).catch(() => {})
    },
  }
}
