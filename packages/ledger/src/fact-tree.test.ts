import { decode, emptyRoot, encode } from '@folkmoot/codec'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FactProof, verifyFact } from './fact-proof.ts'
import { createFactTree, type FactTree, factLeaf } from './fact-tree.ts'

const value = (n: number) => encode(n)
/** Any text but the one that canonical bytes refuse; keys of facts have a kind and a slash anyway. */
const text = fc.string({ maxLength: 12 }).filter((key) => key !== '__proto__')
const facts = fc.array(fc.tuple(text, fc.nat(1000)), { maxLength: 60 })

function treeOf(entries: Iterable<readonly [string, number]>): FactTree {
  const tree = createFactTree()
  for (const [key, n] of entries) tree.set(key, value(n))
  return tree
}

function proofOf(tree: FactTree, known: ReadonlyMap<string, number>, key: string): FactProof {
  const found = tree.prove(key)
  if (!found) return { key, leaf: null, steps: [] }
  const leaf = { key: found.key, value: value(known.get(found.key)!) }
  return { key, leaf, steps: [...found.steps] }
}

describe('the fact tree', () => {
  it('has the root of nothing, and of its one leaf', () => {
    const tree = createFactTree()
    expect(tree.root()).toEqual(emptyRoot)
    tree.set('a', value(1))
    expect(tree.root()).toEqual(factLeaf('a', value(1)))
  })

  it('has a root that depends on the facts alone, not on their order or past', () => {
    fc.assert(
      fc.property(facts, fc.func(fc.nat()), (entries, rank) => {
        const final = new Map(entries)
        const shuffled = [...final].sort(([a], [b]) => rank(a) - rank(b))
        const direct = treeOf(entries)
        const roots = [direct.root(), treeOf(shuffled).root()]
        expect(roots[0]).toEqual(roots[1])
        expect(direct.size).toBe(final.size)
      }),
    )
  })

  it('has the same root whether it is asked after every change or once', () => {
    fc.assert(
      fc.property(facts, (entries) => {
        const tree = createFactTree()
        for (const [key, n] of entries) {
          tree.set(key, value(n))
          tree.root()
        }
        expect(tree.root()).toEqual(treeOf(entries).root())
      }),
    )
  })

  it('proves what is there and what is not', () => {
    fc.assert(
      fc.property(facts, text, (entries, other) => {
        const known = new Map(entries)
        const tree = treeOf(entries)
        for (const key of [...known.keys(), other]) {
          const proof = proofOf(tree, known, key)
          const verified = verifyFact(tree.root(), proof)
          const expected = known.has(key) ? value(known.get(key)!) : undefined
          expect(verified).toEqual({ ok: true, key, value: expected })
        }
      }),
    )
  })

  it('proves no other value, no presence of what is absent and no absence of what is there', () => {
    fc.assert(
      fc.property(facts, fc.nat(), (entries, pick) => {
        const known = new Map(entries)
        if (known.size === 0) return
        const tree = treeOf(entries)
        const root = tree.root()
        const keys = [...known.keys()]
        const key = keys[pick % keys.length]!
        const good = proofOf(tree, known, key)
        const leaf = { key, value: value(known.get(key)! + 1) }
        expect(verifyFact(root, { ...good, leaf }).ok).toBe(false)
        expect(verifyFact(root, { key, leaf: null, steps: [] }).ok).toBe(false)
        for (const other of keys) {
          if (other === key) continue
          const elsewhere = verifyFact(root, { ...proofOf(tree, known, other), key })
          // Another leaf's path is a proof about `key` only where the search for `key` ends there.
          expect(elsewhere.ok).toBe(false)
        }
        for (const [i, step] of good.steps.entries()) {
          const steps = good.steps.with(i, { ...step, bit: (step.bit + 1) % 256 })
          expect(verifyFact(root, { ...good, steps }).ok).toBe(false)
        }
      }),
    )
  })

  it('refuses what is not a proof', () => {
    const bad = [null, {}, { key: 'a', leaf: null, steps: [{ bit: 256, sibling: value(1) }] }]
    for (const proof of bad) {
      expect(verifyFact(emptyRoot, proof as unknown as FactProof).ok).toBe(false)
    }
    expect(decode(value(1)).ok).toBe(true)
  })

  it('touches few hashes for one change among many', () => {
    const tree = createFactTree()
    for (let i = 0; i < 10_000; i++) tree.set(`member/${i}`, value(i))
    tree.root()
    const proof = tree.prove('member/77')!
    // Random keys: the expected depth is log2(10,000) = 13.3 and hardly varies.
    expect(proof.steps.length).toBeLessThan(30)
    const started = performance.now()
    for (let i = 0; i < 1_000; i++) {
      tree.set(`member/${i}`, value(i + 1))
      tree.root()
    }
    // A thousand changes of a rebuilt tree would cost twenty million hashes.
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
