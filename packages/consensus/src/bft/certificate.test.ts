import { sha256, utf8 } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { committee, instance } from '../../test/committee.ts'
import { testChecker } from '../../test/node-keys.ts'
import {
  type Certificate,
  encodeCertificate,
  makeCertificate,
  parseCertificate,
  verifyCertificate,
} from './certificate.ts'
import { encodeVote, NO_BLOCK, parseVote, voteItem } from './vote.ts'

const hash = sha256(utf8('a block'))
const other = sha256(utf8('another block'))
const { checker } = testChecker()
const four = committee()

async function faultOf(certificate: Certificate, set = four.set): Promise<string | undefined> {
  const verdict = await verifyCertificate(checker, instance, set, certificate)
  return verdict.ok ? undefined : verdict.fault.code
}

describe('a vote', () => {
  it('survives its encoding and verifies under the key of its voter alone', async () => {
    const vote = await four.vote('finalise', 7, hash, 2)
    expect(parseVote(encodeVote(vote))).toEqual({ ok: true, vote })
    const item = voteItem(instance, four.set, vote)!
    expect(await checker.verify(item.purpose, item.signer, item.signature, item.bytes)).toBe(true)
    const wrong = voteItem(instance, four.set, { ...vote, voter: 1 })!
    expect(await checker.verify('vote', wrong.signer, wrong.signature, wrong.bytes)).toBe(false)
  })

  it('of another epoch, or of nobody, names no signature to check', async () => {
    const vote = await four.vote('notarise', 7, hash, 2)
    expect(voteItem(instance, four.set, { ...vote, epoch: 2 })).toBeUndefined()
    expect(voteItem(instance, four.set, { ...vote, voter: 4 })).toBeUndefined()
  })

  it('to skip names no block, and every other names one', async () => {
    const skip = await four.vote('nullify', 7, NO_BLOCK, 0)
    expect(parseVote(encodeVote({ ...skip, hash })).ok).toBe(false)
    expect(parseVote(encodeVote({ ...skip, kind: 'notarise' })).ok).toBe(false)
  })
})

describe('a certificate', () => {
  it('of three of four voters verifies', async () => {
    const certificate = await four.certify('finalise', 7, hash, [0, 2, 3])
    expect(parseCertificate(encodeCertificate(certificate))).toEqual({ ok: true, certificate })
    expect(await faultOf(certificate)).toBeUndefined()
    expect(encodeCertificate(certificate).length).toBeLessThan(256)
  })

  it('of 34 of 50 voters has 2.3 KB', async () => {
    const many = committee({ size: 50 })
    const quorum = Array.from({ length: 34 }, (_, i) => i)
    const certificate = await many.certify('finalise', 7, hash, quorum)
    expect(await faultOf(certificate, many.set)).toBeUndefined()
    expect(encodeCertificate(certificate).length).toBeLessThan(2_360)
  })

  it('is not made of two votes, nor of votes that differ', async () => {
    const votes = await Promise.all([0, 1, 2].map((voter) => four.vote('notarise', 3, hash, voter)))
    expect(makeCertificate(four.set, votes.slice(0, 2))).toBeUndefined()
    const astray = await four.vote('notarise', 3, other, 2)
    expect(makeCertificate(four.set, [...votes.slice(0, 2), astray])).toBeUndefined()
    expect(makeCertificate(four.set, [...votes.slice(0, 2), votes[0]!])).toBeUndefined()
    expect(makeCertificate(four.set, votes)).toBeDefined()
  })

  it('of two voters, or of one voter twice, does not verify', async () => {
    const good = await four.certify('finalise', 7, hash, [0, 1, 2])
    const [a, b] = good.signatures as [Uint8Array, Uint8Array]
    const two = { ...good, bitmap: Uint8Array.of(0b011), signatures: [a, b] }
    expect(await faultOf(two)).toBe('consensus/certificate')
    expect(await faultOf({ ...good, signatures: [a, b, b] })).toBe('consensus/signature')
    const tooMany = { ...good, bitmap: Uint8Array.of(0b011), signatures: [a, b, b] }
    expect(await faultOf(tooMany)).toBe('consensus/certificate')
  })

  it('has its signatures in the order of its voters', async () => {
    const good = await four.certify('finalise', 7, hash)
    const turned = { ...good, signatures: good.signatures.toReversed() }
    expect(await faultOf(turned)).toBe('consensus/signature')
  })

  it('has no bit beyond its voters and no byte too many', async () => {
    const good = await four.certify('finalise', 7, hash)
    expect(await faultOf({ ...good, bitmap: Uint8Array.of(0b1_0111) })).toBe(
      'consensus/certificate',
    )
    expect(await faultOf({ ...good, bitmap: Uint8Array.of(0b1111, 0) })).toBe(
      'consensus/certificate',
    )
  })

  it('is worth nothing in another epoch, federation, kind, view or for another block', async () => {
    const good = await four.certify('finalise', 7, hash)
    expect(await faultOf({ ...good, epoch: 2 })).toBe('consensus/certificate')
    expect(await faultOf(good, committee({ epoch: 2 }).set)).toBe('consensus/certificate')
    expect(await faultOf(good, committee({ seed: 200 }).set)).toBe('consensus/signature')
    expect(await faultOf({ ...good, kind: 'notarise' })).toBe('consensus/signature')
    expect(await faultOf({ ...good, view: 8 })).toBe('consensus/signature')
    expect(await faultOf({ ...good, hash: other })).toBe('consensus/signature')
    const elsewhere = await verifyCertificate(checker, 'cd'.repeat(32), four.set, good)
    expect(elsewhere.ok).toBe(false)
  })

  it('never finalises or notarises no block', async () => {
    const good = await four.certify('nullify', 7, NO_BLOCK)
    expect(await faultOf(good)).toBeUndefined()
    expect(await faultOf({ ...good, kind: 'finalise' })).toBe('consensus/certificate')
  })
})
