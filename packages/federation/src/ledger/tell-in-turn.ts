/**
 * Those who decide tell a new entry on the topic, one after the other and only until it was told.
 *
 * @module
 */
import type { Millis, Timers } from '@folkmoot/base'
import { toHex } from '@folkmoot/codec'
import {
  blockId,
  type FinalEntry,
  leaderOf,
  parseHeader,
  type VoterSet,
  voterIndex,
} from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { SharedLedger } from './shared-ledger.ts'

export interface TellInit {
  readonly me: PeerId
  readonly ledger: Pick<SharedLedger, 'entries'>
  readonly timers: Timers
  /**
   * Block ids of entries that came by gossip. A block's id tells that its entry came, genuine or
   * not: whoever finds a false copy asks for the entry. A height would be anybody's claim.
   */
  readonly told: Pick<ReadonlySet<string>, 'has'>
  readonly tell: (entry: Uint8Array) => Promise<unknown>
}

/** Larger entries are not gossiped; members fetch them. */
const maxGossiped = 56 * 1024

/** Time after which the next voter tells an entry that nobody told. */
const turnMs: Millis = 700

/**
 * Resolves when the entry was told, by this peer or by somebody before its turn. Whose turn is the
 * first tells in any case, so that no copy by somebody else can keep it silent.
 */
export async function tellInTurn(
  { me, ledger, timers, told, tell }: TellInit,
  set: VoterSet | null,
  final: FinalEntry,
): Promise<void> {
  const turn = turnOf(me, set, final)
  // Whoever led may be gone: the others wait, each longer than the one before it.
  if (turn > 0) {
    await new Promise<void>((resolve) => timers.after(turn * turnMs, resolve))
    if (told.has(toHex(blockId(final.header)))) return
  }
  const [entry] = await ledger.entries(final.height, 1)
  if (entry !== undefined && entry.length <= maxGossiped) await tell(entry)
}

/** 0 for the voter that led to this entry, then the others in their order after it. */
function turnOf(me: PeerId, set: VoterSet | null, { header }: FinalEntry): number {
  if (set === null) return 0
  const parsed = parseHeader(header)
  const view = parsed.ok ? parsed.header.bft?.view : undefined
  const first = view === undefined ? 0 : leaderOf(set, view)
  const mine = voterIndex(set, me) ?? 0
  return (mine - first + set.voters.length) % set.voters.length
}
