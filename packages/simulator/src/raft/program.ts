/**
 * A Raft member in the simulator: the real core, and a map of texts that it replicates. The state
 * travels inside snapshots, so that no second protocol is needed for it.
 *
 * @module
 */
import type { StoreOperation } from '@folkmoot/base'
import { decode, encode } from '@folkmoot/codec'
import {
  createRaftCore,
  type LogBase,
  type Membership,
  nobodyYet,
  type RaftConfig,
  type RaftCore,
  type RaftEffect,
  type RaftEntry,
  type RaftInput,
  type RaftOwnEffect,
  type RaftOwnInput,
  readDisk,
} from '@folkmoot/consensus-raft'
import type { PeerId } from '@folkmoot/identity'
import type { Property } from '../campaigns/campaign.ts'
import type { Boot, Machine, Program } from '../kernel/machine.ts'
import type { Simulation } from '../kernel/simulation.ts'
import type { MapInput } from '../linearizability/models.ts'
import type { RaftLosses } from './lose-disks.ts'

export type RaftWorld = Simulation<RaftOwnInput, RaftOwnEffect>

/** A write of one client, as entries carry it. */
export interface Write extends MapInput {
  readonly id: string
}

export interface RaftMachine extends Machine<RaftOwnInput, RaftOwnEffect> {
  readonly core: RaftCore
  /** Index up to which `state` is. */
  readonly applied: number
  get(key: string): string
}

/** What the surroundings want to know of every member. */
export interface RaftWatch {
  role(machine: RaftMachine, effect: Extract<RaftOwnEffect, { type: 'role' }>): void
  applied(machine: RaftMachine, entry: RaftEntry, write: Write | undefined): void
  readable(machine: RaftMachine, token: number, index: number | undefined): void
  wrong(property: Property, text: string): void
}

export interface RaftProgramInit {
  readonly config: RaftConfig
  readonly founders: Membership
  readonly watch: RaftWatch
  /** Entries kept at a compaction; 0 never compacts. */
  readonly compactAfter: number
  readonly mutant?: string | undefined
  /** Members whose disks are lost; default nobody's. */
  readonly losses?: Pick<RaftLosses, 'barred' | 'joins' | 'names'> | undefined
}

export function encodeWrite({ id, f, key, value = '' }: Write): Uint8Array {
  return encode([id, f, key, value])
}

export function raftProgram(init: RaftProgramInit): Program<RaftOwnInput, RaftOwnEffect> {
  const { losses, mutant } = init
  return {
    boot(boot) {
      const mayJoin = mutant === 'rejoin at once' || losses?.barred.has(boot.id) !== true
      return mayJoin ? bootMember(init, boot) : bootBarred(init, boot.id)
    },
  }
}

/** Whoever has forgotten its votes has no part in the group; an engine follows the ledger meanwhile. */
function bootBarred({ config }: RaftProgramInit, me: PeerId): RaftMachine {
  const core = createRaftCore({ config, me, founders: { voters: [], learners: [] } }, undefined)
  const nothing = () => []
  return { core, applied: 0, get: () => '', start: nothing, handle: nothing, perform: nothing }
}

function bootMember(
  { config, watch, compactAfter, mutant, losses, ...init }: RaftProgramInit,
  { id, disk, host }: Boot<RaftOwnInput>,
): RaftMachine {
  const stored = readDisk(disk)
  const joins = losses?.joins(id) === true && mutant !== 'rejoin as a founder'
  const founders = joins ? nobodyYet : init.founders
  const core = createRaftCore({ config, me: id, founders }, stored)
  let state = stateOf(stored?.base)
  let applied = stored?.base?.index ?? 0
  /** Index of the last state that was taken from another member. */
  let restored = 0

  const apply = (entry: RaftEntry) => {
    // Committed before that state came, and only now durable: the state has it already.
    if (entry.index <= restored) return
    if (entry.index !== applied + 1) {
      watch.wrong('state-machine safety', `${entry.index} was applied after ${applied}`)
    }
    applied = entry.index
    let write: Write | undefined
    if (entry.kind === 'data') {
      write = writeOf(entry.data)
      const before = write.f === 'append' ? (state.get(write.key) ?? '') : ''
      state.set(write.key, before + write.value)
    }
    watch.applied(machine, entry, write)
    if (compactAfter > 0 && applied - core.peek().base.index > compactAfter) {
      host.reply({ type: 'compact', index: applied, info: encode([...state]) })
    }
  }

  const machine: RaftMachine = {
    core,
    get applied() {
      return applied
    },
    get: (key) => state.get(key) ?? '',
    start: (at) => mutate(mutant, core.step({ type: 'start', at })),
    handle: (input) => (isHeard(input as RaftInput) ? take(input as RaftInput) : []),
    perform(effect) {
      switch (effect.type) {
        case 'stored':
          host.reply(effect)
          return
        case 'committed':
          for (const entry of effect.entries) apply(entry)
          return
        case 'restore':
          // Also an engine takes its time to fetch a state.
          host.reply({ type: 'restored', base: effect.base }, host.random.below(500))
          return
        case 'role':
          watch.role(machine, effect)
          return
        case 'readable':
          watch.readable(machine, effect.token, effect.index)
          return
        case 'unreadable':
          watch.readable(machine, effect.token, undefined)
          return
        case 'halted':
        case 'misbehaved':
          watch.wrong('halt', `${effect.type}: ${effect.fault.message}`)
          return
        case 'changeRefused':
        case 'tail':
          return
      }
    },
  }
  return machine

  function take(input: RaftInput): readonly RaftEffect[] {
    return mutate(mutant, core.step(staleRead(input)))
  }

  function isHeard(input: RaftInput): boolean {
    if (input.type !== 'message' || losses === undefined || losses.names(input.from)) return true
    const { members, leaving } = core.peek()
    return [members.voters, members.learners, leaving].some((peers) => peers.includes(input.from))
  }

  function staleRead(input: RaftInput): RaftInput {
    if (input.type === 'restored' && input.base.index > applied) {
      state = stateOf(input.base)
      applied = input.base.index
      restored = applied
    }
    if (mutant === 'read without asking' && input.type === 'read') {
      watch.readable(machine, input.token, core.peek().commit)
    }
    return input
  }
}

/** Breaks a rule of the driver, to see whether the checks notice. */
function mutate(mutant: string | undefined, effects: readonly RaftEffect[]): readonly RaftEffect[] {
  if (mutant === 'answer before sync') {
    return effects.flatMap((effect) =>
      // biome-ignore lint/suspicious/noThenProperty: the effect's own name for what waits for the sync
      effect.type === 'persist' ? [...effect.then, { ...effect, then: [] }] : [effect],
    )
  }
  if (mutant === 'forget the vote') {
    return effects.map((effect) => {
      if (effect.type !== 'persist') return effect
      const operations = (effect.operations as readonly StoreOperation[]).filter(
        ({ key }) => !key.endsWith('hard'),
      )
      return { ...effect, operations }
    })
  }
  return effects
}

function stateOf(base: LogBase | undefined): Map<string, string> {
  if (base === undefined || base.info.length === 0) return new Map()
  const decoded = decode(base.info)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  return new Map(decoded.value as [string, string][])
}

function writeOf(data: Uint8Array): Write {
  const decoded = decode(data)
  if (!decoded.ok) throw new Error(decoded.fault.message)
  const [id, f, key, value] = decoded.value as [string, MapInput['f'], string, string]
  return { id, f, key, value }
}
