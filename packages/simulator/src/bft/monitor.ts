/**
 * The invariants of Byzantine agreement, checked while a simulated federation runs: what honest
 * members decide, whom they accuse, and what their readers are promised.
 *
 * @module
 */
import { equalBytes, merkleRoot, toHex } from '@folkmoot/codec'
import {
  blockId,
  evidenceItems,
  historyLeaf,
  parseHeader,
  parseVoterSet,
  type VoterSet,
  voterSetHash,
} from '@folkmoot/consensus'
import type { FederationId, PeerId } from '@folkmoot/identity'
import { broken, type Property } from '../campaigns/campaign.ts'
import type { SimulatedProcess } from '../kernel/process.ts'
import type { Simulation } from '../kernel/simulation.ts'
import type { Chain } from './chain.ts'
import { nextSetOf } from './text-state.ts'
import type { VoterEffect, VoterInput, VoterListener } from './voter.ts'
import { createWireWatch, type WireWatchInit } from './wire-watch.ts'

export interface MonitorInit {
  readonly world: Simulation<VoterInput, VoterEffect>
  readonly instance: FederationId
  readonly genesis: VoterSet
  /** Members that never lie. */
  readonly honest: ReadonlySet<PeerId>
  /** What becomes of voters that lose what they wrote; default nobody does. */
  readonly losses?: Losses
}

/** Excuses for honest members whose disk was taken from them. */
export interface Losses {
  /** Sees each message before anybody else does. */
  sent(by: Living, message: Uint8Array): void
  received(by: Living, from: PeerId, message: Uint8Array): void
  pardons: WireWatchInit['pardons']
  /** Whether it has said what it cannot be held to, so that evidence against it is true. */
  wasPardoned(peer: PeerId): boolean
  /** It found that it remembers less than the others, and stopped: whether it may have. */
  mayHalt(by: Living): boolean
}

/** A process in one of its lives. */
export type Living = Pick<SimulatedProcess<VoterInput, VoterEffect>, 'address' | 'id' | 'life'>

export interface Monitor extends VoterListener {
  sent(address: string, message: Uint8Array): void
  /** What must never happen and did, the first twenty. */
  readonly violations: string[]
  /** Forks, and certificates that clash: violations as long as at most f weight lies. */
  readonly forks: readonly string[]
  /** Members proven to lie by what was on the wire. */
  culprits(): ReadonlySet<PeerId>
  /** Members accused by evidence that an honest member produced. */
  readonly accused: ReadonlySet<PeerId>
  /** Ids of blocks by height, as the first honest member decided them. */
  readonly decided: readonly string[]
  setOf(epoch: number): VoterSet | undefined
  /** Whether an operation is in the log of any honest member. */
  isFinal(id: string): boolean
  readonly votes: number
  /** Reads that passed at honest members. */
  readonly reads: number
  /** Whether a member waits for a read that it asked for in its present life. */
  isReading(address: string): boolean
  /** Honest members that stopped for good, with their reason. */
  readonly halts: readonly string[]
}

const MAX_KEPT = 20

export function createMonitor(init: MonitorInit): Monitor {
  const { world, instance, honest, losses } = init
  const sets = new Map<number, VoterSet>([[init.genesis.epoch, init.genesis]])
  const violations: string[] = []
  const forks: string[] = []
  const halts: string[] = []
  const decided: string[] = []
  const checked = new Map<string, number>()
  const chains = new Map<string, Chain>()
  const accused = new Set<PeerId>()
  /** What was decided when a read was asked for, by member and token. */
  const floors = new Map<string, { readonly life: number; readonly byToken: Map<number, number> }>()
  let reads = 0

  const keep = (list: string[], kind: string, text: string) => {
    world.trace.record({ at: world.events.now, node: '*', kind, detail: text })
    if (list.length < MAX_KEPT && !list.includes(text)) list.push(text)
  }
  const fault = (property: Property, text: string) =>
    keep(violations, 'VIOLATION', broken(property, text))
  const fork = (text: string) => keep(forks, 'FORK', broken('agreement', text))
  const processAt = (address: string) => world.processes.get(address)!
  const idOf = (address: string) => processAt(address).id
  const isHonest = (address: string) => honest.has(idOf(address))
  const setOf = (epoch: number) => sets.get(epoch)
  const { keyring } = world
  const pardons: WireWatchInit['pardons'] = (...words) => losses?.pardons(...words) ?? false
  const wire = createWireWatch({ instance, keyring, honest, setOf, fault, pardons, clash: fork })

  function checkEntry(address: string, chain: Chain, height: number): void {
    const header = chain.headers[height - 1]!
    const id = blockId(header)
    const first = decided[height - 1]
    if (first !== undefined) {
      if (first !== toHex(id)) fork(`${address} decided another block at height ${height}`)
      return
    }
    decided[height - 1] = toHex(id)
    const history = merkleRoot(chain.headers.slice(0, height - 1).map(historyLeaf))
    const parsed = parseHeader(header)
    if (!parsed.ok || !equalBytes(parsed.header.historyRoot, history)) {
      fault('validity', `${address} decided block ${height}, which does not know its history`)
    }
    if (!wire.wasProposed(id)) {
      const text = `${address} decided block ${height}, which its leader did not rightly propose`
      fault('validity', text)
    }
  }

  /** A liar may be the first to enter an epoch; its log is as good as any until logs differ. */
  function learnSets(chain: Chain, from: number): void {
    for (const header of chain.headers.slice(from)) {
      const parsed = parseHeader(header)
      if (!parsed.ok || parsed.header.nextSetHash === undefined) continue
      const next = nextSetOf(chain.stateAfter(blockId(header))!)
      const set = next === null ? undefined : parseVoterSet(next)
      if (!set?.ok) {
        fault('set change', 'an epoch ended although no next set was decided')
      } else if (!equalBytes(parsed.header.nextSetHash, voterSetHash(set.set))) {
        fault('set change', 'an epoch ended for voters that nobody decided on')
      } else if (!sets.has(set.set.epoch)) sets.set(set.set.epoch, set.set)
    }
  }

  return {
    violations,
    forks,
    halts,
    accused,
    decided,
    setOf,
    get votes() {
      return wire.votes
    },
    get reads() {
      return reads
    },
    isReading(address) {
      const asked = floors.get(address)
      return asked?.life === world.processes.get(address)!.life && asked.byToken.size > 0
    },
    culprits: () => wire.culprits(),
    isFinal: (id) => [...chains.values()].some(({ state }) => state.ids.has(id)),
    sent(address, message) {
      losses?.sent(processAt(address), message)
      wire.sent(idOf(address), message)
    },
    received(address, from, message) {
      losses?.received(processAt(address), from, message)
    },
    delivered(address, chain) {
      const from = Math.min(checked.get(address) ?? 0, chain.height)
      checked.set(address, Math.max(0, chain.height - 1))
      learnSets(chain, from)
      if (!isHonest(address)) return
      chains.set(address, chain)
      for (let height = from + 1; height <= chain.height; height += 1) {
        checkEntry(address, chain, height)
      }
    },
    evidence(address, bytes) {
      if (!isHonest(address)) return
      const proven = evidenceItems(instance, { setOf }, bytes)
      if (!proven.ok || !proven.items.every((item) => keyring.verify(item))) {
        const why = proven.ok ? 'signature' : proven.fault.message
        fault('accountability', `${address} accuses without proof: ${why}`)
        return
      }
      accused.add(proven.culprit)
      if (honest.has(proven.culprit) && losses?.wasPardoned(proven.culprit) !== true) {
        fault('accountability', `${address} accuses honest ${proven.culprit}`)
      }
    },
    halted(address, why) {
      if (isHonest(address) && losses?.mayHalt(processAt(address)) !== true)
        keep(halts, 'halt', `${address}: ${why}`)
    },
    asked(address, token) {
      const { life } = world.processes.get(address)!
      // What was asked in an earlier life died with it, and tokens begin anew.
      const known = floors.get(address)
      const mine = known?.life === life ? known : { life, byToken: new Map<number, number>() }
      mine.byToken.set(token, decided.length)
      floors.set(address, mine)
    },
    passed(address, token, height) {
      const floor = floors.get(address)?.byToken.get(token)
      floors.get(address)?.byToken.delete(token)
      if (!isHonest(address) || floor === undefined) return
      reads += 1
      if (height >= floor) return
      const text = `${address} read at height ${height}, but ${floor} was decided before it asked`
      fault('reads', text)
    },
  }
}
