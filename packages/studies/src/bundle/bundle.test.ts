import { encode } from '@folkmoot/codec'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { checker, createWorld, run } from '../../test/world.ts'
import { type BundleCheck, verifyBundle } from './verify-bundle.ts'
import { type Bundle, encodeBundle, parseBundle } from './wire.ts'

const quorum = { kind: 'quorum', m: 2, distinct: 'root' } as const

function open(bytes: Uint8Array): Bundle {
  const parsed = parseBundle(bytes)
  if (!parsed.ok) throw new Error(parsed.fault.message)
  return parsed.value
}

/** The place and reason of a refusal. */
async function fault(bytes: Uint8Array, check: Partial<BundleCheck> = {}): Promise<string> {
  const verdict = await verifyBundle(bytes, { checker, run, ...check })
  return verdict.ok ? 'verified' : verdict.fault.message
}

let world: Awaited<ReturnType<typeof createWorld>>
let bytes: Uint8Array

beforeAll(async () => {
  world = await createWorld({
    rule: quorum,
    units: 5,
    links: [{ workers: ['ann', 'amy'] }, { workers: ['bob'] }, { by: 'bob', workers: ['ben'] }],
    computes: (unit) => (unit % 2 === 0 ? ['ann', 'bob'] : ['founder', 'ben', 'ann']),
    batchUnits: 2,
  })
  bytes = await world.bundle()
})

describe('a bundle', () => {
  it('verifies offline and says what it proves', async () => {
    const verdict = await verifyBundle(bytes, {
      checker,
      run,
      expectFed: world.fed,
      recompute: [0, 4],
    })
    expect(verdict).toMatchObject({
      ok: true,
      fed: world.fed,
      study: world.study,
      units: 5,
      final: 5,
      complete: true,
      results: 12,
      workers: 4,
      roots: 3,
      recomputed: [0, 4],
      answer: { estimate: 30.5, done: 5 },
      notes: ['one voter: the founder decided alone what is final'],
    })
  })

  it('is the same bytes however often it is built', async () => {
    expect(await world.bundle()).toEqual(bytes)
  })

  it('of another federation than expected is refused at the charter', async () => {
    expect(await fault(bytes, { expectFed: '00'.repeat(32) })).toMatch(/^charter: /)
  })

  it('tells its reader to compare the fingerprint when no federation was named', async () => {
    const verdict = await verifyBundle(bytes, { checker, run })
    expect(verdict.ok && verdict.notes[0]).toMatch(/compare its fingerprint/)
  })

  it('says that independence was not checked when peers were counted', async () => {
    const local = await createWorld({
      rule: { ...quorum, distinct: 'peer' },
      units: 1,
      links: [{ workers: ['ann', 'amy'] }],
      computes: () => ['ann', 'amy'],
    })
    const verdict = await verifyBundle(await local.bundle(), { checker, run })
    expect(verdict).toMatchObject({ ok: true, workers: 2, roots: 1 })
    expect(verdict.ok && verdict.notes).toContain('independence of volunteers not checked')
  })

  it('of an unfinished study verifies and says that it is partial', async () => {
    const unfinished = await createWorld({
      rule: quorum,
      units: 4,
      links: [{ workers: ['ann'] }, { workers: ['bob'] }],
      computes: (unit) => (unit < 3 ? ['ann', 'bob'] : ['ann']),
    })
    const verdict = await verifyBundle(await unfinished.bundle(), { checker, run })
    expect(verdict).toMatchObject({ ok: true, complete: false, final: 3 })
    expect(verdict.ok && verdict.notes).toContain('partial: 3 of 4 units are recorded')
  })

  it('of a study with spot checks says how many units rest on one worker', async () => {
    const audited = await createWorld({
      rule: { kind: 'audit', p: 100_000, window: 1, distinct: 'root' },
      units: 4,
      links: [{ workers: ['ann'] }, { workers: ['bob'] }],
      computes: (unit) => (unit < 3 ? ['ann'] : ['ann', 'bob']),
    })
    const verdict = await verifyBundle(await audited.bundle(), { checker, run })
    expect(verdict).toMatchObject({ ok: true, final: 4 })
    expect(verdict.ok && verdict.notes.at(-1)).toMatch(/^3 units rest on one worker each/)
  })
})

describe('a forged bundle', () => {
  const forge = (change: (bundle: Bundle) => void) => {
    const bundle = structuredClone(open(bytes))
    change(bundle)
    return encodeBundle(bundle)
  }

  it('with another output is refused at the result that does not fit', async () => {
    const forged = forge((bundle) => {
      bundle.units[2]![1] = encode({ hits: 5 })
    })
    expect(await fault(forged)).toMatch(/^unit 2: result 0: .*signature/)
  })

  it('with an output that the study does not declare is refused at that output', async () => {
    const forged = forge((bundle) => {
      bundle.units[2]![1] = encode({ hits: 5, name: 'Ann' })
    })
    expect(await fault(forged)).toMatch(/^unit 2: output: /)
  })

  it('with a result left out is refused at its batch', async () => {
    const forged = forge((bundle) => {
      bundle.units[1]![2].pop()
    })
    expect(await fault(forged)).toMatch(/^batch at height \d+: its units do not lead/)
  })

  it('with a result twice is refused at its unit', async () => {
    const forged = forge((bundle) => {
      bundle.units[1]![2].push(bundle.units[1]![2][0]!)
    })
    expect(await fault(forged)).toMatch(/^unit 1: a result stands there twice/)
  })

  it('with a unit left out is refused at its batch', async () => {
    const forged = forge((bundle) => {
      bundle.units.splice(3, 1)
    })
    expect(await fault(forged)).toMatch(/^batch at height \d+: its unit 3 is missing/)
  })

  it('with a batch left out is refused at the unit that nothing records', async () => {
    const forged = forge((bundle) => {
      bundle.entries.pop()
    })
    expect(await fault(forged)).toMatch(/^unit 4: no batch records it/)
  })

  it('without the admission of a worker is refused at that worker', async () => {
    const forged = forge((bundle) => {
      bundle.entries.splice(0, 2)
    })
    expect(await fault(forged)).toMatch(/^(worker \d+|ledger height \d+: operation 0: inv)/)
  })

  it('with another answer is refused at the answer', async () => {
    const forged = forge((bundle) => {
      bundle.answer = encode({ estimate: 1.5, low: 1.5, high: 2.5, done: 5 })
    })
    expect(await fault(forged)).toBe('answer: running reduce again gives another answer')
  })

  it('with another module is refused at the block', async () => {
    for (const name of ['code', 'reduce'] as const) {
      const forged = forge((bundle) => {
        bundle[name] = new Uint8Array([1, 2, 3])
      })
      expect(await fault(forged)).toMatch(new RegExp(`^${name}: `))
    }
  })

  it('whose units compute to something else is refused at the unit', async () => {
    const lying: BundleCheck['run'] = async (module, input, limits) => {
      const outcome = await run(module, input, limits)
      const answered = outcome.ok && outcome.output.length > 12
      return answered ? outcome : { ok: true, output: encode({ hits: 999 }) }
    }
    expect(await fault(bytes, { run: lying, recompute: [3] })).toBe(
      'unit 3: computing it again gives another output',
    )
  })

  it('says so where reduce does not run', async () => {
    const trap: BundleCheck['run'] = async () => ({ ok: false, reason: 'trap', detail: 'why' })
    expect(await fault(bytes, { run: trap })).toBe('reduce: it did not run: trap: why')
  })

  it('with any one byte altered is refused, and the place is named', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const altered = bytes.slice()
          altered[at]! ^= mask
          expect(await fault(altered)).toMatch(/^[a-z]+[^:]*: ./)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('cut short or with bytes after its end is refused as a file', async () => {
    for (const length of [0, 1, bytes.length - 1]) {
      expect(await fault(bytes.slice(0, length))).toMatch(/^file: /)
    }
    expect(await fault(new Uint8Array([...bytes, 0]))).toMatch(/^file: /)
  })
})
