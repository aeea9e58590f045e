import { sha256, toHex, utf8 } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxDigestBytes } from '../limits.ts'
import type { Manifest } from '../manifest.ts'
import type { StudyId } from '../study-id.ts'
import type { OpenedResult } from '../work-result.ts'
import { createResultSet, type ResultSet } from './result-set.ts'

const study = '00'.repeat(32) as StudyId
const manifest = { units: 100_000 } as Manifest
const none = new Uint8Array()

function result(peer: string, unit: number, output = 'r', seq = 0, at = 0): OpenedResult {
  const id = toHex(sha256(utf8(`${peer}/${unit}/${output}/${seq}/${at}`)))
  return { id, peer: peer as PeerId, unit, output, seq, at, result: none, outputBytes: none }
}

function setOf(results: readonly OpenedResult[]): ResultSet {
  const set = createResultSet(manifest, study)
  for (const one of results) set.add(one)
  return set
}

const ids = (set: ResultSet) => [...set.votes()].map((vote) => vote.id).sort()

/** Exchanges digests until neither set changes; returns the largest message and how many went. */
function reconcile(a: ResultSet, b: ResultSet): { messages: number; bytes: number } {
  let messages = 0
  let bytes = 0
  const pull = (from: ResultSet, to: ResultSet): number => {
    let moved = 0
    let digest: Uint8Array | undefined = to.digest()
    let asked = to
    while (digest !== undefined && messages < 10_000) {
      messages++
      bytes = Math.max(bytes, digest.length)
      const answer: ReturnType<ResultSet['missing']> = (asked === to ? from : to).missing(digest)
      if (!answer.ok) throw new Error(answer.fault.message)
      const holder = asked === to ? from : to
      const taker = asked
      for (const id of answer.ids) if (taker.add(holder.get(id)!).outcome !== 'known') moved++
      asked = holder
      digest = answer.reply
    }
    return moved
  }
  while (pull(a, b) + pull(b, a) > 0);
  return { messages, bytes }
}

describe('a result set', () => {
  it('keeps a result once', () => {
    const set = setOf([])
    expect(set.add(result('a', 0)).outcome).toBe('new')
    expect(set.add(result('a', 0)).outcome).toBe('known')
    expect(set.size).toBe(1)
  })

  it('keeps both outputs of an equivocator as evidence, and no third', () => {
    const set = setOf([result('a', 0, 'm')])
    expect(set.add(result('a', 0, 'n')).outcome).toBe('conflict')
    expect(set.add(result('a', 0, 'o')).outcome).toBe('conflict')
    expect([...set.votes()].map((vote) => vote.output).sort()).toEqual(['m', 'n'])
  })

  it('keeps one result when a worker signs the same output again', () => {
    const set = setOf([result('a', 0, 'r', 3), result('a', 0, 'r', 1), result('a', 0, 'r', 2)])
    expect(set.ofUnit(0).map((kept) => kept.seq)).toEqual([1])
  })

  it('names what gave way, so that its store can delete it', () => {
    const set = setOf([result('a', 0, 'r', 3)])
    expect(set.add(result('a', 0, 'r', 2))).toEqual({
      outcome: 'new',
      dropped: [result('a', 0, 'r', 3).id],
    })
    expect(set.add(result('a', 0, 'r', 3))).toEqual({ outcome: 'known', dropped: [] })
  })

  it('never drops a result that the ledger has recorded, whatever its worker signs later', () => {
    const recorded = result('a', 0, 'r', 3)
    const set = setOf([recorded])
    set.pin([recorded.id])
    for (const later of [result('a', 0, 'r', 1), result('a', 0, 'm'), result('a', 0, 'n')]) {
      set.add(later)
    }
    expect(set.get(recorded.id)).toBe(recorded)
  })

  it('takes a recorded result even after another of its worker displaced it', () => {
    const recorded = result('a', 0, 'r', 3)
    const set = setOf([result('a', 0, 'r', 1)])
    expect(set.add(recorded).outcome).toBe('known')
    set.pin([recorded.id])
    expect(set.add(recorded).outcome).toBe('new')
    expect(set.add(recorded).outcome).toBe('known')
    expect(set.size).toBe(2)
  })

  it('tells a returning worker the number that comes next', () => {
    const set = setOf([result('a', 0, 'r', 0), result('a', 1, 'r', 1)])
    expect(set.nextSeq('a' as PeerId)).toBe(2)
    expect(set.nextSeq('b' as PeerId)).toBe(0)
  })

  it('leaves out units that the study does not have', () => {
    expect(setOf([]).add(result('a', 100_000)).outcome).toBe('known')
  })
})

describe('two sets', () => {
  const some = fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(3), fc.constantFrom('r', 's', 't'), fc.nat(2))
      .map((fields) => result(...fields)),
    { maxLength: 40 },
  )

  it('hold the same after any order of the same results', () => {
    fc.assert(
      fc.property(
        some.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(ids(setOf(shuffled))).toEqual(ids(setOf(list)))
          expect(setOf([...shuffled, ...list]).size).toBe(setOf(list).size)
        },
      ),
    )
  })

  it('become one by exchanging digests', () => {
    fc.assert(
      fc.property(some, some, (left, right) => {
        const a = setOf(left)
        const b = setOf(right)
        reconcile(a, b)
        expect(ids(a)).toEqual(ids(b))
        expect(ids(a)).toEqual(ids(setOf([...left, ...right])))
        const quiet = a.missing(b.digest())
        expect(quiet).toEqual({ ok: true, ids: [] })
      }),
    )
  })

  it('of 200,000 results become one in few messages of bounded size', () => {
    const common = Array.from({ length: 100_000 }, (_, unit) => [
      result('a', unit),
      result('b', unit),
    ]).flat()
    const a = setOf([...common, ...Array.from({ length: 30 }, (_, unit) => result('c', unit * 91))])
    const b = setOf([...common.slice(50), result('d', 7)])
    const { messages, bytes } = reconcile(a, b)
    expect(ids(a)).toEqual(ids(b))
    expect(bytes).toBeLessThanOrEqual(maxDigestBytes)
    expect(messages).toBeLessThan(40)
  })

  it('of which one is empty fill it in bounded steps', () => {
    const a = setOf(Array.from({ length: 20_000 }, (_, unit) => result('a', unit)))
    const b = setOf([])
    const { bytes } = reconcile(a, b)
    expect(b.size).toBe(20_000)
    expect(bytes).toBeLessThanOrEqual(maxDigestBytes)
  })
})

describe('a hostile digest', () => {
  it('is refused or answered within bounds, never thrown at', () => {
    const set = setOf(Array.from({ length: 5_000 }, (_, unit) => result('a', unit)))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const answer = set.missing(bytes)
        expect(answer.ok ? '' : answer.fault.code).toMatch(/^(studies\/digest)?$/)
      }),
    )
    const digest = set.digest()
    fc.assert(
      fc.property(fc.nat(digest.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const altered = digest.slice()
        altered[at]! ^= mask
        const answer = set.missing(altered)
        if (answer.ok) expect(answer.reply?.length ?? 0).toBeLessThanOrEqual(maxDigestBytes)
      }),
    )
  })
})
