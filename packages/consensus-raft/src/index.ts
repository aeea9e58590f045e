/**
 * Agreement when members only crash.
 *
 * @example
 * ```ts
 * import { createRaftCore, resolveRaftConfig } from '@folkmoot/consensus-raft'
 *
 * const core = createRaftCore({ config: resolveRaftConfig(), me, founders }, undefined)
 * const effects = core.step({ type: 'start', at: clock.now() })
 * ```
 *
 * @module
 */
export type { RaftCode } from './codes.ts'
export { type RaftConfig, type RaftConfigInit, resolveRaftConfig } from './config.ts'
export { createRaftCore, type RaftCore, type RaftCoreInit } from './core/core.ts'
export type {
  RaftChange,
  RaftEffect,
  RaftInput,
  RaftOwnEffect,
  RaftOwnInput,
  RaftRole,
  RaftView,
} from './core/effects.ts'
export type { LogBase } from './core/entry-log.ts'
export { majorityOf } from './core/quorum.ts'
export { nobodyYet, wasMember } from './engine/open-group.ts'
export { createRaftLog, type RaftLog, type RaftLogInit } from './engine/raft-log.ts'
export { type EntryKind, type Membership, parseMembership, type RaftEntry } from './entry.ts'
export { encodeMessage, parseMessage, type RaftMessage } from './message.ts'
export { RAFT_PREFIX, type RaftDisk, readDisk } from './storage.ts'
