/**
 * A peer's own periods and limits by preset, as differences from `production`. The preset is fixed
 * in the charter, so that all members of a federation agree on it.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { Charter } from '@folkmoot/identity'

export interface PeerPreset {
  /** Time between two looks for new entries of the ledger when gossip brought none. */
  readonly ledgerPollMs: Millis
  /** Time between two comparisons of results with a neighbour. */
  readonly syncMs: Millis
  /** Admissions that a relay makes a minute. */
  readonly joinsPerMinute: number
  /** How long an admission receipt is good; renewed at every return. */
  readonly receiptMs: Millis
  /** How long a message between voters is expected to take at most; tabs may be among them. */
  readonly deltaMs: Millis
  /** Voters decide something, if only that nothing happened, after this long. */
  readonly heartbeatMs: Millis
}

const production: PeerPreset = {
  ledgerPollMs: 20_000,
  syncMs: 6_000,
  joinsPerMinute: 120,
  receiptMs: 7 * 86_400_000,
  deltaMs: 500,
  heartbeatMs: 60_000,
}

const presets: Readonly<Record<Charter['preset'], PeerPreset>> = {
  production,
  classroom: { ...production, joinsPerMinute: 1_200 },
  local: { ...production, ledgerPollMs: 10_000, syncMs: 3_000, joinsPerMinute: 1_200 },
  test: { ...production, ledgerPollMs: 2_000, syncMs: 800, joinsPerMinute: 6_000 },
}

export function resolvePreset(name: Charter['preset']): PeerPreset {
  return presets[name]
}
