/**
 * Disks that are lost, or replaced by an older copy, of at most f weight of any epoch's voters: what
 * a federation is promised to bear without losing anything.
 *
 * @module
 */
import { equalBytes, toHex } from '@folkmoot/codec'
import { faultWeight, type VoterSet } from '@folkmoot/consensus'
import { voteKeyName } from '@folkmoot/consensus-bft'
import type { PeerId } from '@folkmoot/identity'
import type { DiskImage } from '../kernel/disk.ts'
import type { Random } from '../kernel/random.ts'
import type { Federation } from './federation.ts'
import type { RecallWatch } from './recall-watch.ts'

/**
 * What a voter comes back without: all of it; votes and vote keys; those, and the end of the log, as
 * from a backup; or whatever it wrote after a copy of its whole disk was made.
 */
export const LOSSES = ['everything', 'votes', 'backup', 'copy'] as const
export type Loss = (typeof LOSSES)[number]

export interface LosingInit {
  readonly untilMs: number
  /** Mean simulated ms between two losses. */
  readonly everyMs: number
  readonly losses: readonly Loss[]
}

export interface DiskLosses {
  /** How often each happened, and how often a voter found out by asking the others. */
  readonly counts: Readonly<Record<string, number>>
  /** Disks go until then, as long as no more than f would have forgotten something. */
  begin(init: LosingInit): void
  /** Honest members that do not take part as they should, each with the reason. */
  ailing(): readonly string[]
}

interface Copied {
  readonly epoch: number
  readonly image: DiskImage
}

/** Somebody may have forgotten what it said in these epochs. */
interface Gap {
  readonly from: number
  readonly to: number
  readonly loss: Loss
}

const MAX_COPIES = 6
const COPY_EVERY_MS = 60
/** Ms until somebody looks after a voter that stopped. */
const REPAIR_MS = [500, 3_000] as const

export function createDiskLosses(
  federation: Federation,
  watch: RecallWatch,
  random: Random,
): DiskLosses {
  const { world, monitor, honest, at } = federation
  const copies = new Map<string, Copied[]>()
  const gaps = new Map<string, Gap[]>()
  const known = new Map<string, number>()
  const counts: Record<string, number> = { stopped: 0 }
  for (const loss of LOSSES) counts[loss] = 0

  const process = (address: string) => world.processes.get(address)!
  const idOf = (address: string): PeerId => process(address).id
  /** The epoch somebody is in, or was in when it was last seen up: not above the true one. */
  const epochOf = (address: string) => {
    const epoch = at(address)?.chain.set.epoch ?? known.get(address) ?? 1
    known.set(address, epoch)
    return epoch
  }
  const newest = () => Math.max(...honest.map(epochOf))
  const seatIn = (set: VoterSet | undefined, address: string) =>
    set?.voters.find(({ peer }) => peer === idOf(address))

  function holdsKey(address: string, set: VoterSet): boolean {
    const seat = seatIn(set, address)
    const held = process(address).disk.keys.get(voteKeyName(set.epoch))
    return seat === undefined || (held !== undefined && equalBytes(held.publicKey, seat.voteKey))
  }

  /** Whether a voter's word of an epoch cannot be counted on. */
  function isWeak(address: string, set: VoterSet): boolean {
    const { epoch } = set
    const mine = gaps.get(address) ?? []
    if (mine.some(({ from, to }) => from <= epoch && epoch <= to)) return true
    if (epoch < newest()) return false
    // It stopped in an earlier epoch, and says nothing in later ones until somebody looks after it.
    if (at(address)?.view().halted) return true
    const last = mine.at(-1)
    // It may find out, and stop, until it is past what the lost part of its life was about.
    const mayStop = last?.loss === 'copy' && epochOf(address) <= last.to
    return mayStop || !holdsKey(address, set)
  }

  function wouldBear(victim: string, from: number, to: number): boolean {
    for (let epoch = from; epoch <= to + 1; epoch += 1) {
      const set = monitor.setOf(epoch)
      if (set === undefined) continue
      const weak = honest.filter((address) => address === victim || isWeak(address, set))
      const weight = weak.reduce((sum, each) => sum + (seatIn(set, each)?.weight ?? 0), 0)
      if (weight > faultWeight(set)) return false
    }
    // Whoever stands by may have a seat in the next set, by a key that is gone.
    const bereft = honest.filter((address) => address === victim || lacksNextKey(address, to + 1))
    return bereft.length <= faultWeight(monitor.setOf(to)!)
  }

  function lacksNextKey(address: string, epoch: number): boolean {
    const ahead = honest.flatMap((each) => at(each)?.chain ?? [])
    if (ahead.length === 0) return true
    const { state } = ahead.reduce((best, chain) => (chain.height > best.height ? chain : best))
    const registered = state.keys.get(`${epoch} ${idOf(address)}`)
    const held = process(address).disk.keys.get(voteKeyName(epoch))
    return registered !== undefined && registered !== (held && toHex(held.publicKey))
  }

  function lose(address: string, loss: Loss, copied: Copied | undefined): boolean {
    const { disk, id } = process(address)
    // In an epoch that somebody has not left, words still count.
    const from = Math.min(...honest.map(epochOf), copied?.epoch ?? Number.POSITIVE_INFINITY)
    const to = newest()
    if (!wouldBear(address, from, to)) return false
    process(address).crash(`loses ${loss}`)
    const image = copied?.image
    if (loss === 'everything') disk.replace({})
    else if (loss === 'votes') disk.replace({ log: disk.log })
    else if (loss === 'backup') disk.replace({ log: image!.log })
    else disk.replace(image!)
    known.set(address, Math.min(epochOf(address), copied?.epoch ?? 1))
    gaps.set(address, [...(gaps.get(address) ?? []), { from, to, loss }])
    watch.lost(id, loss === 'copy')
    counts[loss]! += 1
    return true
  }

  function copyOne(): void {
    const address = random.pick(honest)
    const kept = copies.get(address) ?? []
    const image = process(address).disk.image()
    copies.set(address, [...kept, { epoch: epochOf(address), image }].slice(-MAX_COPIES))
  }

  /** As the manual says: without its votes and keys it follows, and votes again with new ones. */
  function lookAfter(address: string): void {
    world.events.after(random.between(...REPAIR_MS), () => {
      if (at(address)?.view().halted === undefined) return
      if (!lose(address, 'votes', undefined)) lookAfter(address)
    })
  }
  watch.onHalt.push(({ address }) => {
    counts.stopped! += 1
    lookAfter(address)
  })

  function strike(loss: Loss): void {
    const victim = random.pick(honest)
    const kept = copies.get(victim) ?? []
    const needsCopy = loss === 'backup' || loss === 'copy'
    if (needsCopy && kept.length === 0) return
    lose(victim, loss, needsCopy ? random.pick(kept) : undefined)
  }

  function every(meanMs: number, untilMs: number, what: () => void): void {
    world.events.after(random.between(meanMs / 2, (meanMs * 3) / 2), () => {
      if (world.events.now > untilMs) return
      what()
      every(meanMs, untilMs, what)
    })
  }

  return {
    counts,
    begin({ untilMs, everyMs, losses }) {
      every(COPY_EVERY_MS, untilMs, copyOne)
      every(everyMs, untilMs, () => strike(random.pick(losses)))
    },
    ailing() {
      const epoch = newest()
      return honest.flatMap((address) => {
        const view = at(address)?.view()
        if (view === undefined) return `${address} is down`
        if (view.halted) return `${address} stopped: ${view.halted.code}`
        if (view.epoch < epoch) return `${address} is in epoch ${view.epoch} of ${epoch}`
        if (!holdsKey(address, monitor.setOf(epoch)!)) return `${address} has no key`
        return view.isSeated && !view.isVoting ? `${address} does not vote` : []
      })
    },
  }
}
