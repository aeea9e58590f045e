/** Forks between views: what convicts is the certificate by which one history crosses the other. */
import { memoryLog } from '@folkmoot/base'
import { sha256, utf8 } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { committee, instance } from '../../test/committee.ts'
import { decidedLog, factsOf } from '../../test/decided-log.ts'
import { testChecker } from '../../test/node-keys.ts'
import { Chain } from '../chain/chain.ts'
import { createTextList } from '../conformance/index.ts'
import type { BftProof } from '../finality.ts'
import { encodeForkEvidence, verifyForkEvidence } from '../fork-evidence.ts'
import { blockId, encodeHeader, NO_PARENT, parseHeader } from '../header.ts'
import { MAX_FORK_BYTES } from '../limits.ts'
import { answerCrossing } from './answer-crossing.ts'
import { type Certificate, encodeCertificate } from './certificate.ts'
import { KnownEpochs } from './epoch-chain.ts'
import { verifyEvidence } from './evidence.ts'
import { forkCulprits, wantedCrossing, withCrossing } from './fork-culprits.ts'
import { NO_BLOCK } from './vote.ts'

const voters = committee()
const { anchor } = new KnownEpochs(factsOf(voters))
const { checker } = testChecker()
const zero = new Uint8Array(32)
const otherBlock = sha256(utf8('another block'))

interface Place {
  readonly height?: number
  readonly view: number
  readonly parentHash?: Uint8Array
  readonly signers?: readonly number[]
}

/** A final entry at a height and view, whatever lies before it. */
async function decided(place: Place, by = voters): Promise<BftProof> {
  const { height = 1, view, parentHash = NO_PARENT, signers = [0, 1, 2] } = place
  const hashes = { payloadHash: zero, stateRoot: zero, historyRoot: zero, parentHash }
  const bft = { view, parentView: 0, justifyHash: zero, flags: 0 }
  const header = encodeHeader({ instance, epoch: 1, height, time: view, ...hashes, bft })
  const certificate = await by.certify('finalise', view, blockId(header), signers)
  return { kind: 'bft', header, certificate: encodeCertificate(certificate), under: null }
}

/** Decided in view 3 by voters 0, 1, 2, and otherwise in view 5 by 1, 2, 3. */
async function fork(): Promise<Uint8Array> {
  return encodeForkEvidence(
    await decided({ view: 3 }),
    await decided({ view: 5, signers: [1, 2, 3] }),
  )
}

const crossing = async (kind: 'nullify' | 'notarise' | 'finalise', signers: number[], view = 3) =>
  encodeCertificate(
    await voters.certify(kind, view, kind === 'nullify' ? NO_BLOCK : otherBlock, signers),
  )

async function named(evidence: Uint8Array): Promise<number[]> {
  const proven = await Promise.all(
    forkCulprits(evidence).map((each) => verifyEvidence(checker, instance, anchor.sets, each)),
  )
  return proven.map((each) =>
    each.ok ? voters.set.voters.findIndex(({ peer }) => peer === each.culprit) : -1,
  )
}

const code = (verdict: { ok: boolean; fault?: { code: string } }) =>
  verdict.ok ? 'ok' : verdict.fault!.code
const verify = async (evidence: Uint8Array) =>
  code(await verifyForkEvidence(checker, anchor, evidence))

describe('a fork between views', () => {
  it('is proven without its crossing, and names nobody then', async () => {
    const evidence = await fork()
    expect(await verify(evidence)).toBe('ok')
    expect(wantedCrossing(evidence)).toEqual({ epoch: 1, view: 3 })
    expect(forkCulprits(evidence)).toEqual([])
  })

  it.each([
    ['nullify', [1, 2, 3], [1, 2]],
    ['notarise', [0, 2, 3], [0, 2]],
    ['finalise', [0, 1, 3], [0, 1]],
  ] as const)('crossed by %s names those who signed both', async (kind, signers, culprits) => {
    const whole = withCrossing(await fork(), await crossing(kind, [...signers]))!
    expect(await verify(whole)).toBe('ok')
    expect(await named(whole)).toEqual(culprits)
    expect(wantedCrossing(whole)).toBeUndefined()
  })

  it('is crossed at the earlier view, which may be that of the higher entry', async () => {
    const low = await decided({ height: 1, view: 9 })
    const high = await decided({ height: 2, view: 4, parentHash: otherBlock, signers: [1, 2, 3] })
    const evidence = encodeForkEvidence(low, high)
    expect(wantedCrossing(evidence)).toEqual({ epoch: 1, view: 4 })
    const whole = withCrossing(evidence, await crossing('nullify', [0, 1, 2], 4))!
    expect(await verify(whole)).toBe('ok')
    expect(await named(whole)).toEqual([1, 2])
  })

  it('takes no certificate that is not a crossing', async () => {
    const evidence = await fork()
    const [first, second] = [await decided({ view: 3 }), await decided({ view: 5 })]
    const same = await voters.certify('notarise', 3, blockId(first.header), [0, 1, 2])
    const elsewhere = await crossing('nullify', [0, 1, 2], 4)
    for (const bytes of [encodeCertificate(same), elsewhere, new Uint8Array([1, 2])]) {
      expect(withCrossing(evidence, bytes)).toBeUndefined()
      const forced = encodeForkEvidence(first, second, undefined, bytes)
      expect(await verify(forced)).toBe('consensus/evidence')
      expect(forkCulprits(forced)).toEqual([])
    }
    // In one view the decisions convict by themselves, and nothing else belongs to them.
    const another = await decided({ view: 3, parentHash: otherBlock })
    const skipped = await crossing('nullify', [0, 1, 2])
    const more = encodeForkEvidence(first, another, undefined, skipped)
    expect(await verify(more)).toBe('consensus/evidence')
  })

  it('is refused with an altered or foreign crossing, and no honest voter is named', async () => {
    const real = await voters.certify('nullify', 3, NO_BLOCK, [1, 2, 3])
    const altered: Certificate = {
      ...real,
      signatures: real.signatures.map((each, at) => (at === 0 ? each.map((b) => b ^ 1) : each)),
    }
    const foreign = await committee({ seed: 500 }).certify('nullify', 3, NO_BLOCK, [1, 2, 3])
    for (const wrong of [altered, foreign]) {
      const whole = withCrossing(await fork(), encodeCertificate(wrong))!
      expect(await verify(whole)).toBe('consensus/signature')
    }
    const few = { ...real, bitmap: new Uint8Array([0b10]), signatures: real.signatures.slice(0, 1) }
    const whole = withCrossing(await fork(), encodeCertificate(few))!
    expect(await verify(whole)).toBe('consensus/certificate')
    expect(await named(withCrossing(await fork(), encodeCertificate(altered))!)).toEqual([-1, 2])
  })

  it('costs no signature where any of its parts proves nothing here', async () => {
    let verified = 0
    const counting: typeof checker = {
      ...checker,
      verify: (...asked) => {
        verified += 1
        return checker.verify(...asked)
      },
    }
    const [first, second] = [await decided({ view: 3 }), await decided({ view: 5 })]
    const header = parseHeader(second.header)
    if (!header.ok) throw new Error(header.fault.message)
    const later = encodeHeader({ ...header.header, epoch: 7 })
    const real = await voters.certify('nullify', 3, NO_BLOCK, [1, 2, 3])
    const few = { ...real, bitmap: new Uint8Array([0b10]), signatures: real.signatures.slice(0, 1) }
    for (const [evidence, refusal] of [
      [encodeForkEvidence(first, { ...second, header: later }), 'consensus/epoch'],
      [withCrossing(await fork(), encodeCertificate(few))!, 'consensus/certificate'],
    ] as const) {
      expect(code(await verifyForkEvidence(counting, anchor, evidence))).toBe(refusal)
    }
    expect(verified).toBe(0)
  })

  it('fits with certificates of 128 voters, and is not read where it is longer', async () => {
    const many = committee({ size: 128, seed: 2_000 })
    const all = many.set.voters.map((_, index) => index)
    const sets = new KnownEpochs(factsOf(many)).anchor
    const [first, second] = [
      await decided({ view: 3, signers: all }, many),
      await decided({ view: 5, signers: all }, many),
    ]
    const skipped = encodeCertificate(await many.certify('nullify', 3, NO_BLOCK))
    const whole = withCrossing(encodeForkEvidence(first, second), skipped)!
    expect(code(await verifyForkEvidence(checker, sets, whole))).toBe('ok')
    expect(forkCulprits(whole)).toHaveLength(128)
    const long = new Uint8Array(MAX_FORK_BYTES + 1)
    long.set(whole)
    expect(await verify(long)).toBe('consensus/evidence')
    const padded = { ...first, certificate: new Uint8Array(MAX_FORK_BYTES) }
    expect(await verify(encodeForkEvidence(padded, second))).toBe('consensus/evidence')
  })
})

describe('a log that is asked how it crossed a view', () => {
  it('shows its own decision, of a void block too, else what was kept', async () => {
    const log = await decidedLog(factsOf(voters))
    await log.decide(voters, 'a')
    await log.decideTogether(voters, 'b', 'c', 'd')
    await log.end(voters, committee({ epoch: 2, seed: 140 }), 'void')
    await log.decide(committee({ epoch: 2, seed: 140 }), 'e')
    const entryAt = log.chain.entryAt.bind(log.chain)
    const asked: number[] = []
    const kept = async ({ view }: { view: number }) => {
      asked.push(view)
      return undefined
    }
    const ask = (epoch: number, view: number) =>
      answerCrossing({ height: log.chain.tip.height, entryAt, kept }, { epoch, view })
    const certificateAt = async (height: number) =>
      ((await entryAt(height))!.proof as BftProof).certificate
    expect(await ask(1, 1)).toEqual(await certificateAt(1))
    // b and c were decided under the certificate of d.
    expect(await ask(1, 2)).toBeUndefined()
    expect(await ask(1, 4)).toEqual(await certificateAt(4))
    expect(await ask(1, 7)).toEqual(await certificateAt(6))
    expect(await ask(2, 1)).toEqual(await certificateAt(7))
    expect(await ask(3, 1)).toBeUndefined()
    expect(asked).toEqual([2, 1])
  })
})

describe('a chain that is shown proof of a fork', () => {
  async function open(stored: Uint8Array[] = []) {
    const log = memoryLog(stored)
    const application = createTextList()
    return { log, chain: await Chain.open({ facts: factsOf(voters), checker, application, log }) }
  }

  it('stops, keeps it over a restart, and takes nothing more', async () => {
    const { chain, log } = await open()
    const evidence = withCrossing(await fork(), await crossing('nullify', [1, 2, 3]))!
    expect(code(await chain.accept(evidence))).toBe('ok')
    expect(chain.halted?.code).toBe('consensus/fork')
    expect(code(await chain.accept(evidence))).toBe('consensus/halted')
    const again = await open(await log.read(0, log.length))
    expect(again.chain.evidence).toEqual(evidence)
    expect(again.chain.halted?.code).toBe('consensus/fork')
    const more = await decidedLog(factsOf(voters))
    await more.decide(voters, 'a')
    const [entry] = await more.entries()
    expect(code(await again.chain.accept(entry!))).toBe('consensus/halted')
  })

  it('goes on where it proves nothing', async () => {
    const { chain, log } = await open()
    const one = await decided({ view: 3 })
    const foreign = await decided({ view: 5 }, committee({ seed: 500 }))
    expect(code(await chain.accept(encodeForkEvidence(one, one)))).toBe('consensus/evidence')
    expect(code(await chain.accept(encodeForkEvidence(one, foreign)))).toBe('consensus/signature')
    expect(chain.halted).toBeUndefined()
    expect(log.length).toBe(0)
    const more = await decidedLog(factsOf(voters))
    await more.decide(voters, 'a')
    expect(code(await chain.accept((await more.entries())[0]!))).toBe('ok')
  })

  it('stops at another end of an epoch than its own', async () => {
    const next = committee({ epoch: 2, seed: 140 })
    const [early, late] = [await decidedLog(factsOf(voters)), await decidedLog(factsOf(voters), 9)]
    await early.end(voters, next)
    await late.decide(voters, 'x', 'y')
    await late.decide(voters, 'z')
    await late.end(voters, next)
    const end = (await early.chain.entryAt(2))!.proof
    const other = await late.chain.proveHistory(2)
    const evidence = encodeForkEvidence(end, late.chain.tip.proof!, other)
    for (const { chain } of [early, late]) {
      expect(code(await chain.accept(evidence))).toBe('ok')
      expect(chain.halted?.code).toBe('consensus/fork')
    }
  })
})
