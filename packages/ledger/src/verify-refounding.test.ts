/** Founding anew after too many voters were lost: by members of the old federation, from its last block on. */
import { memoryLog } from '@folkmoot/base'
import {
  blockId,
  createSoloLog,
  encodeCertificate,
  encodeHeader,
  type FinalityProof,
  makeCertificate,
  type Vote,
  voteBytes,
} from '@folkmoot/consensus'
import { type Signer, sealRefounding } from '@folkmoot/identity'
import { expect, it } from 'vitest'
import { testSigner } from '../test/node-keys.ts'
import { voteSigner, votingWorld } from '../test/voting-world.ts'
import { createWorld, foundedWorld, outcomeOf } from '../test/world.ts'
import { factKey, type RefoundingClaim, verifyRefounding } from './index.ts'

/** An old federation of four whose last block three of them certified. */
async function oldFederation() {
  const moot = await votingWorld()
  const { world } = moot
  const { fed, ledger } = world
  const set = moot.voting().voters!
  const hash = new Uint8Array(32)
  const header = encodeHeader({
    instance: fed,
    epoch: 1,
    height: world.height,
    parentHash: hash,
    payloadHash: hash,
    stateRoot: ledger.root(),
    historyRoot: hash,
    time: 9,
    bft: { view: 8, parentView: 7, justifyHash: hash, flags: 0 },
  })
  const block = blockId(header)
  const votes: Vote[] = []
  for (const [voter, { peer }] of set.voters.entries()) {
    const seed = [1, 2, 3, 4].find((one) => testSigner(one).peer === peer)!
    const bytes = voteBytes(fed, 1, 'finalise', 8, block)
    const signature = await voteSigner(seed, 1).sign('vote', bytes)
    votes.push({ epoch: 1, kind: 'finalise', view: 8, hash: block, voter, signature })
  }
  const certificate = encodeCertificate(makeCertificate(set, votes.slice(0, 3))!)
  const last: FinalityProof = { kind: 'bft', header, certificate, under: null }
  return { ...moot, last, refounds: { fed, height: world.height, block } }
}

type Old = Awaited<ReturnType<typeof oldFederation>>

/** A new federation of the old founder's, with the word of those who sign. */
async function founding(old: Old, signers: readonly Signer[], refounds = old.refounds) {
  const anew = await createWorld({ name: 'Anew', refounds })
  const signed = []
  for (const signer of signers) {
    const record = await sealRefounding(signer, { fed: anew.fed, refounds })
    signed.push({ record, member: old.world.ledger.proveFact(factKey.member(signer.peer)) })
  }
  const claim: RefoundingClaim = {
    charter: anew.charter.bytes,
    oldCharter: old.world.charter.bytes,
    links: [],
    last: old.last,
    signed,
  }
  return { anew, claim, verdict: await verifyRefounding(anew.checker, claim) }
}

it('says who of the old members goes along, and how many of the old voters', async () => {
  const old = await oldFederation()
  const member = await old.admit(20)
  const late = await founding(old, [old.world.founder, testSigner(20)])
  // Admitted after the last certified block, so that block knows nothing of it.
  expect(outcomeOf(late.verdict)).toBe('ledger/refounding')
  expect(old.world.ledger.isMember(member)).toBe(true)
  const again = await oldFederation()
  const { verdict, anew } = await founding(again, [again.voters[2]!, again.voters[0]!])
  expect(verdict).toEqual({
    ok: true,
    oldFed: again.world.fed,
    height: again.world.height,
    members: [again.voters[0]!.peer, again.voters[2]!.peer].sort(),
    voters: [again.voters[0]!.peer, again.voters[2]!.peer].sort(),
    oldVoters: 4,
  })
  expect(outcomeOf(await anew.found())).toBe('ok')
  expect(anew.fed).not.toBe(again.world.fed)
})

it('is refused without the founder, by strangers, for another block or another founding', async () => {
  const old = await oldFederation()
  const founder = old.world.founder
  const bad = [
    await founding(old, [old.voters[1]!]),
    await founding(old, [founder, testSigner(70)]),
    await founding(old, [founder], { ...old.refounds, height: old.refounds.height + 1 }),
    await founding(old, [founder], { ...old.refounds, block: new Uint8Array(32) }),
  ]
  for (const { verdict } of bad) expect(outcomeOf(verdict)).toBe('ledger/refounding')
  const good = await founding(old, [founder])
  const other = await founding(old, [founder], { ...old.refounds, block: new Uint8Array(32) })
  const { checker } = good.anew
  const mixed = { ...good.claim, signed: other.claim.signed }
  expect(outcomeOf(await verifyRefounding(checker, mixed))).toBe('identity/refounding')
  const few = encodeCertificateOf(good.claim)
  expect((await verifyRefounding(checker, few)).ok).toBe(false)
  const elsewhere = { ...good.claim, oldCharter: other.anew.charter.bytes }
  expect(outcomeOf(await verifyRefounding(checker, elsewhere))).toBe('identity/charter-fed')
  const none = { ...good.claim, charter: old.world.charter.bytes }
  expect(outcomeOf(await verifyRefounding(checker, none))).toBe('ledger/refounding')
})

/** The claim with a certificate that one vote is missing from. */
function encodeCertificateOf(claim: RefoundingClaim): RefoundingClaim {
  if (claim.last.kind !== 'bft') throw new Error('not by voters')
  const certificate = claim.last.certificate.slice()
  certificate[certificate.length - 1]! ^= 1
  return { ...claim, last: { ...claim.last, certificate } }
}

it('continues a federation of one founder too', async () => {
  const { world, link } = await foundedWorld()
  const log = await createSoloLog({
    instance: world.fed,
    signer: world.founder,
    checker: world.checker,
    application: world.ledger,
    log: memoryLog(),
    clock: { now: () => 9 },
  })
  const redemption = await world.redeem(link, testSigner(2))
  const body = { redemption, nickname: 'n', role: 'member' as const }
  const bytes = await world.seal(world.founder, 'member.admit', body)
  const { proof } = await log.submit(bytes, { id: 'a' })
  const refounds = { fed: world.fed, height: 1, block: blockId(proof.header) }
  const anew = await createWorld({ name: 'Anew', refounds })
  const signed = []
  for (const signer of [world.founder, testSigner(2)]) {
    const record = await sealRefounding(signer, { fed: anew.fed, refounds })
    signed.push({ record, member: world.ledger.proveFact(factKey.member(signer.peer)) })
  }
  const verdict = await verifyRefounding(anew.checker, {
    charter: anew.charter.bytes,
    oldCharter: world.charter.bytes,
    links: [],
    last: proof,
    signed,
  })
  expect(verdict).toMatchObject({ ok: true, oldVoters: 1, voters: [world.founder.peer] })
})
