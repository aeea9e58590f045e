/**
 * Waits until the ledger here shows what the relay has already said.
 *
 * @module
 */
import { FederationError, type Millis, type Timers } from '@folkmoot/base'

const tries = 40
const pauseMs: Millis = 250

/** @throws FederationError `federation/join-failed` when the admission does not appear in 10 s */
export async function untilMember(
  isMember: () => boolean,
  catchUp: () => Promise<void>,
  timers: Timers,
): Promise<void> {
  for (let at = 0; at < tries; at++) {
    if (isMember()) return
    await new Promise<void>((resolve) => timers.after(pauseMs, resolve))
    await catchUp()
  }
  throw new FederationError('federation/join-failed', 'the ledger does not show the admission')
}
