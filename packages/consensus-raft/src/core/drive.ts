/**
 * Drives one core in tests: a disk that is always synced at once, and what the core sent.
 *
 * @module
 */
import type { StoreOperation } from '@folkmoot/base'
import type { Unstamped } from '@folkmoot/consensus'
import { type PeerId, peerIdOf } from '@folkmoot/identity'
import { resolveRaftConfig } from '../config.ts'
import type { EntryKind, Membership, RaftEntry } from '../entry.ts'
import { encodeMessage, parseMessage, type RaftMessage } from '../message.ts'
import { putEntry, putHard, readDisk } from '../storage.ts'
import { createRaftCore, type RaftCore } from './core.ts'
import type { RaftEffect, RaftInput, RaftOwnEffect } from './effects.ts'

/** The peer that published tables call by a number. */
export function member(number: number): PeerId {
  return peerIdOf(new Uint8Array(32).fill(number))
}

export function members(count: number): Membership {
  return { voters: Array.from({ length: count }, (_, i) => member(i + 1)), learners: [] }
}

export function entry(index: number, term: number, kind: EntryKind = 'data'): RaftEntry {
  return { index, term, kind, data: new Uint8Array([index & 255, term & 255]) }
}

export interface Sent {
  readonly to: PeerId
  readonly message: RaftMessage
}

export interface DriveInit {
  readonly me?: number
  readonly founders?: Membership
  readonly term?: number
  readonly votedFor?: PeerId | null
  readonly entries?: readonly RaftEntry[]
}

export interface Driven {
  readonly core: RaftCore
  readonly disk: ReadonlyMap<string, Uint8Array>
  /** Own effects so far. */
  readonly own: RaftOwnEffect[]
  now: number
  /** Feeds an input and performs what follows; answers what was sent meanwhile. */
  input(input: Unstamped<RaftInput>): Sent[]
  message(from: PeerId, message: RaftMessage): Sent[]
  /** Waits out the patience of the core, twice as long as it can be, and fires the timer. */
  expire(): Sent[]
  log(): { index: number; term: number }[]
}

export function drive(init: DriveInit = {}): Driven {
  const { me = 1, founders = members(3), term = 0, votedFor = null, entries = [] } = init
  const config = resolveRaftConfig()
  const disk = new Map<string, Uint8Array>()
  const write = (operations: readonly StoreOperation[]) => {
    for (const op of operations) {
      if (op.type === 'put') disk.set(op.key, op.value)
      else disk.delete(op.key)
    }
  }
  if (term > 0 || entries.length > 0) write([putHard({ term, votedFor }), ...entries.map(putEntry)])
  const core = createRaftCore({ config, me: member(me), founders }, readDisk(disk))
  const own: RaftOwnEffect[] = []
  let sent: Sent[] = []
  const perform = (effects: readonly RaftEffect[]) => {
    for (const effect of effects) {
      switch (effect.type) {
        case 'persist':
          write(effect.operations as readonly StoreOperation[])
          perform(effect.then)
          break
        case 'send': {
          const parsed = parseMessage(effect.message)
          if (!parsed.ok) throw new Error(parsed.fault.message)
          for (const to of effect.to) sent.push({ to, message: parsed.message })
          break
        }
        case 'stored':
          perform(core.step({ ...effect, at: driven.now }))
          break
        case 'setTimer':
        case 'clearTimer':
        case 'sign':
        case 'verify':
          break
        default:
          own.push(effect)
      }
    }
  }
  const driven: Driven = {
    core,
    disk,
    own,
    now: 1_000,
    input(input) {
      sent = []
      perform(core.step({ ...input, at: driven.now } as RaftInput))
      return sent
    },
    message: (from, message) =>
      driven.input({ type: 'message', from, bytes: encodeMessage(message) }),
    expire() {
      driven.now += 2 * config.electionMs
      return driven.input({ type: 'timer', timer: 'election' })
    },
    log: () => (readDisk(disk)?.entries ?? []).map(({ index, term: of }) => ({ index, term: of })),
  }
  driven.input({ type: 'start' })
  return driven
}

/** Lets a core be elected with the votes of all others, as far as it needs them. */
export function elect(driven: Driven, voters: readonly PeerId[]): Sent[] {
  driven.expire()
  let sent: Sent[] = []
  for (const pre of [true, false]) {
    for (const from of voters) {
      const { role, term } = driven.core.peek()
      if (role !== 'candidate') break
      const asked = pre ? term + 1 : term
      const answer = driven.message(from, { type: 'voted', term: asked, pre, granted: true })
      if (answer.length > 0) sent = answer
    }
  }
  return sent
}
