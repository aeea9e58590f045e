/**
 * Lets a voter go in order. Its key is deleted when it leaves, and where every vote is needed the
 * others could not even decide that they go on without it; so it stays for the change of voters.
 *
 * @module
 */
import type { Millis, Timers } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { SharedLedger } from './ledger/shared-ledger.ts'

const tries = 80
const pauseMs: Millis = 250

/** Resolves when this peer votes no more, at the latest after 20 s: nobody is kept from leaving. */
export async function giveSeatBack(init: {
  readonly me: PeerId
  readonly ledger: Pick<SharedLedger, 'voters' | 'submit'>
  readonly timers: Timers
}): Promise<void> {
  const { me, ledger, timers } = init
  const votes = () => ledger.voters().includes(me)
  if (!votes()) return
  const resigned = await ledger.submit({ kind: 'voter.resign', body: {} })
  for (let at = 0; resigned.ok && votes() && at < tries; at++) {
    await new Promise<void>((resolve) => timers.after(pauseMs, resolve))
  }
}
