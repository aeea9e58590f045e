/**
 * What becomes of a message between two addresses: lost, late, twice, out of order, or stopped by a
 * partition. Whoever sits at an address is the simulation's business.
 *
 * @module
 */
import type { Random } from './random.ts'

export interface LinkRule {
  /** Probability of losing a message. */
  readonly loss: number
  /** Probability of a second copy. */
  readonly duplicate: number
  /** Delay of most messages, in ms; each draws its own, so messages overtake one another. */
  readonly minMs: number
  readonly maxMs: number
  /** Probability of a straggler, which takes up to `tailMs` more. */
  readonly tail: number
  readonly tailMs: number
}

/** 1 to 10 ms and nothing goes wrong. */
export const calmLink: LinkRule = {
  loss: 0,
  duplicate: 0,
  minMs: 1,
  maxMs: 10,
  tail: 0,
  tailMs: 0,
}

export type Filter = (from: string, to: string, message: Uint8Array) => boolean

export interface Network {
  /** Delays of the copies that arrive, in ms; none when the message is lost. */
  deliveries(from: string, to: string, message: Uint8Array): readonly number[]
  reachable(from: string, to: string): boolean
  /** For all links without a rule of their own. */
  setDefault(rule: LinkRule): void
  /** One direction; undefined takes the rule back. */
  setLink(from: string, to: string, rule: LinkRule | undefined): void
  /** Addresses reach those of their own group only; one in no group reaches nobody. Undefined heals. */
  partition(groups: readonly (readonly string[])[] | undefined): void
  /** Drops whatever `pass` refuses; undefined takes it back. */
  setFilter(pass: Filter | undefined): void
}

export function createNetwork(random: Random, initial: LinkRule = calmLink): Network {
  const rules = new Map<string, LinkRule>()
  let standard = initial
  let groupOf: ReadonlyMap<string, number> | undefined
  let passes: Filter | undefined

  const delay = (rule: LinkRule) => {
    const usual = random.between(Math.floor(rule.minMs * 1_000), Math.floor(rule.maxMs * 1_000))
    const late = rule.tail > 0 && random.chance(rule.tail) ? random.below(rule.tailMs * 1_000) : 0
    return (usual + late) / 1_000
  }
  const reachable = (from: string, to: string) => {
    if (groupOf === undefined || from === to) return true
    const group = groupOf.get(from)
    return group !== undefined && group === groupOf.get(to)
  }

  return {
    reachable,
    deliveries(from, to, message) {
      if (!reachable(from, to)) return []
      if (passes !== undefined && !passes(from, to, message)) return []
      const rule = rules.get(`${from}→${to}`) ?? standard
      if (rule.loss > 0 && random.chance(rule.loss)) return []
      const first = delay(rule)
      if (rule.duplicate > 0 && random.chance(rule.duplicate)) return [first, delay(rule)]
      return [first]
    },
    setDefault(rule) {
      standard = rule
    },
    setLink(from, to, rule) {
      if (rule === undefined) rules.delete(`${from}→${to}`)
      else rules.set(`${from}→${to}`, rule)
    },
    partition(groups) {
      groupOf =
        groups === undefined
          ? undefined
          : new Map(groups.flatMap((group, index) => group.map((address) => [address, index])))
    },
    setFilter(pass) {
      passes = pass
    },
  }
}
