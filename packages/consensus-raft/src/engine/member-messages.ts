/**
 * What others say to a member: each message goes to the part that it is for, if its sender may say
 * that at all. Nobody ends this member by what it says.
 *
 * @module
 */
import { errorCode, errorMessage, type Fault, type Logger } from '@folkmoot/base'
import type { ConsensusCode } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { CatchUp } from './catch-up.ts'
import { type EngineMessage, isEngineMessage, parseEngineMessage } from './engine-message.ts'
import type { Executor } from './executor.ts'
import type { Submissions } from './submissions.ts'

export interface MemberMessagesInit {
  readonly catchUp: CatchUp
  readonly executor: Executor
  readonly submissions: Submissions
  readonly logger: Logger
  /** Whether the log or the ledger names this peer. */
  isOne(peer: PeerId): boolean
  leads(): boolean
  leader(): PeerId | undefined
  /** Takes what the pure core understands. */
  core(from: PeerId, bytes: Uint8Array): void
  /** The disk or the state of this member failed it. */
  stopped(fault: Fault, error: unknown): void
}

export function createMemberMessages(
  init: MemberMessagesInit,
): (from: PeerId, bytes: Uint8Array) => void {
  const { catchUp, executor, submissions, logger } = init

  async function handle(from: PeerId, m: EngineMessage, trusted: boolean): Promise<void> {
    // Entries prove themselves, and whoever has a seat to come asks for them; all else is for members.
    if (m.type === 'fetch') return catchUp.onFetch(from, m.height, trusted)
    if (m.type === 'entries') return catchUp.onEntries(m.entries)
    if (!trusted) return
    switch (m.type) {
      case 'forward':
        if (init.leads()) submissions.take(from, m.ops)
        return
      case 'refused':
        if (from === init.leader()) submissions.refused(m.id, m.code)
        return
      case 'recorded':
        if (from === init.leader()) submissions.recorded(m.id, m.height)
        return
      case 'share':
        return executor.onShare(from, m)
      case 'receipts':
        return executor.onReceipts(m.receipts)
      case 'piece':
        return catchUp.onPiece(from, m)
      case 'gone':
        return catchUp.onGone(from, m.height)
    }
  }

  return (from, bytes) => {
    const trusted = init.isOne(from)
    if (!isEngineMessage(bytes)) {
      if (trusted) init.core(from, bytes)
      return
    }
    const parsed = parseEngineMessage(bytes)
    if (!parsed.ok) return
    handle(from, parsed.message, trusted).catch((error: unknown) => {
      const fault = { code: errorCode(error), message: errorMessage(error) }
      if (isOwnFailure(fault.code)) init.stopped(fault, error)
      else logger.log('warn', 'a message was not answered', { code: fault.code, from })
    })
  }
}

/** Of this member's disk or state. Nothing else ends it: whoever sends a message could. */
function isOwnFailure(code: string): boolean {
  return OWN_FAILURES.has(code) || code.startsWith('storage/')
}

const OWN_FAILURES: ReadonlySet<string> = new Set<ConsensusCode>([
  'consensus/application-failed',
  'consensus/corrupt-log',
  'consensus/storage-failed',
])
