/**
 * Under which trust root a peer's results count, also after it has gone.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import type { Ledger } from '@folkmoot/ledger'

/** The reason in a revocation that a member publishes when it leaves. */
export const leftReason = 'left'

/** Who left in peace keeps the results it gave; a key revoked for any other reason loses them. */
export function creditedRoot(ledger: Ledger, peer: PeerId): string | undefined {
  const state = ledger.state()
  const revoked = state.revoked.get(peer)
  return revoked?.by === peer && revoked.reason === leftReason
    ? state.members.get(peer)?.root
    : state.rootOf(peer)
}
