/**
 * Lets a voter go in order. Its key is deleted when it leaves, and where every vote is needed the
 * others could not even decide that they go on without it; so it stays for the change of voters.
 *
 * @module
 */
import type { Millis, Timers } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { SharedLedger } from './ledger/shared-ledger.ts'
import { within } from './within.ts'

/** For the change of voters; where too few are there to decide it, it does not come. */
const limitMs: Millis = 20_000
const pauseMs: Millis = 250

/**
 * Resolves with whether this peer votes no more, at the latest after 20 s: nobody is kept from
 * leaving, and what was asked for waits with those of the others who are there.
 */
export async function giveSeatBack(init: {
  readonly me: PeerId
  readonly ledger: Pick<SharedLedger, 'voters' | 'submit'>
  readonly timers: Timers
}): Promise<boolean> {
  const { me, ledger, timers } = init
  const votes = () => ledger.voters().includes(me)
  if (!votes()) return true
  let waiting = true
  const resign = async () => {
    const resigned = await ledger.submit({ kind: 'voter.resign', body: {} })
    while (resigned.ok && waiting && votes()) {
      await new Promise<void>((resolve) => timers.after(pauseMs, resolve))
    }
  }
  await within(timers, limitMs, resign())
  waiting = false
  return !votes()
}
