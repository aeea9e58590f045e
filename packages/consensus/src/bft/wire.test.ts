/** The bytes of agreement among voters, which other peers, older logs and bundles hold for ever. */
import { memoryLog } from '@folkmoot/base'
import { encode, fromHex, sha256, toHex, utf8 } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { committee, instance } from '../../test/committee.ts'
import { decidedLog, factsOf } from '../../test/decided-log.ts'
import { testChecker } from '../../test/node-keys.ts'
import { wireFixture } from '../../test/wire-fixture.ts'
import { createFollower } from '../chain/follower.ts'
import { createTextList } from '../conformance/index.ts'
import { parseEntry } from '../entry.ts'
import { blockId, encodeHeader, type Header } from '../header.ts'
import { payloadRoot } from '../payload.ts'
import { encodeSnapshot, parseSnapshot } from '../snapshot.ts'
import { encodeCertificate, parseCertificate, verifyCertificate } from './certificate.ts'
import { verifyEpochChain } from './epoch-chain.ts'
import { encodeEvidence, verifyEvidence } from './evidence.ts'
import * as fuzz from './objects.fuzz.ts'
import {
  checkProposal,
  encodeProposal,
  type Justification,
  justifyHash,
  parseProposal,
} from './proposal.ts'
import { makeReadyCertificate, readyBytes, readyCertificateTuple } from './ready.ts'
import { encodeVote, NO_BLOCK, voteBytes } from './vote.ts'
import { encodeVoterSet, leaderOf, parseVoterSet, voterSetHash } from './voter-set.ts'

const first = committee({ epoch: 1 })
const second = committee({ epoch: 2, seed: 140 })
const { checker } = testChecker()
const file = new URL('../fixtures/bft-v1.json', import.meta.url)
const [block, other] = [sha256(utf8('block')), sha256(utf8('other'))]

async function proposal(): Promise<Uint8Array> {
  const justify: Justification = {
    parent: await first.certify('notarise', 3, block, [0, 1, 2]),
    skipped: [await first.certify('nullify', 4, NO_BLOCK, [1, 2, 3])],
    ready: null,
  }
  const payload = [{ id: 'a', bytes: utf8('one'), refusal: 'test/no' }]
  const header: Header = {
    instance,
    epoch: 1,
    height: 2,
    parentHash: block,
    payloadHash: payloadRoot(payload),
    stateRoot: other,
    historyRoot: other,
    time: 1_700_000_000_000,
    bft: { view: 5, parentView: 3, justifyHash: justifyHash(justify), flags: 0 },
  }
  const bytes = encodeHeader(header)
  const leader = first.signers[leaderOf(first.set, 5)]!
  const signature = await leader.sign('proposal', blockId(bytes))
  return encodeProposal({ header: bytes, payload, justify, nextSet: null, signature })
}

async function ready() {
  const parts = { epoch: 2, setHash: voterSetHash(second.set), stateRoot: other }
  const bytes = readyBytes(instance, parts)
  const signed = new Map<number, Uint8Array>()
  for (const index of [0, 1, 3]) {
    signed.set(index, await second.signers[index]!.sign('ready', bytes))
  }
  return { bytes, certificate: makeReadyCertificate(second.set, other, signed)! }
}

async function current() {
  const log = await decidedLog(factsOf(null), 1_700_000_000_000)
  await log.solo('a')
  await log.handOver(first)
  await log.decideTogether(first, 'b', 'no')
  await log.end(first, second, 'void')
  await log.decide(second, 'c')
  const votes = [
    await first.vote('notarise', 5, block, 1),
    await first.vote('notarise', 5, other, 1),
  ] as const
  const asked = await ready()
  return {
    voters: toHex(encodeVoterSet(first.set)),
    signedVote: toHex(voteBytes(instance, 3, 'finalise', 258, block)),
    vote: toHex(encodeVote(votes[0])),
    certificate: toHex(encodeCertificate(await first.certify('finalise', 5, block, [0, 2, 3]))),
    proposal: toHex(await proposal()),
    signedReady: toHex(asked.bytes),
    ready: toHex(encode(readyCertificateTuple(asked.certificate))),
    evidence: toHex(encodeEvidence({ kind: 'votes', votes })),
    entries: (await log.entries()).map(toHex),
    stateRoot: toHex(log.application.root()),
    snapshot: toHex(encodeSnapshot(log.chain.snapshot())),
  }
}

describe('the wire of voters', () => {
  it('has not drifted', async () => {
    const now = await current()
    expect(now).toEqual(wireFixture(file, now))
  })

  it('of an older version still opens, verifies and leads to its state', async () => {
    const stored = wireFixture(file, await current())
    const application = createTextList()
    const log = memoryLog(stored.entries.map(fromHex))
    const follower = await createFollower({ facts: factsOf(null), checker, application, log })
    expect(toHex(application.root())).toBe(stored.stateRoot)
    expect(follower.status().epoch).toBe(2)
    const chain = await verifyEpochChain(checker, factsOf(null), follower.epochLinks())
    if (!chain.ok) throw new Error(chain.fault.message)
    const evidence = await verifyEvidence(checker, instance, chain.sets, fromHex(stored.evidence))
    expect(evidence).toMatchObject({ ok: true, kind: 'double-notarise' })
    const voters = parseVoterSet(fromHex(stored.voters))
    const quorum = parseCertificate(fromHex(stored.certificate))
    if (!voters.ok || !quorum.ok) throw new Error('the fixture does not open')
    expect(voters.set).toEqual(chain.sets.setOf(1))
    const verified = await verifyCertificate(checker, instance, voters.set, quorum.certificate)
    expect(verified).toEqual({ ok: true })
    const proposed = parseProposal(fromHex(stored.proposal))
    expect(proposed.ok && checkProposal(instance, voters.set, proposed.proposal)).toEqual({
      ok: true,
    })
    const snapshot = parseSnapshot(fromHex(stored.snapshot))
    if (!snapshot.ok) throw new Error(snapshot.fault.message)
    const fresh = { facts: factsOf(null), checker, application: createTextList() }
    const target = await createFollower({ ...fresh, log: memoryLog() })
    await target.install(snapshot.snapshot)
    expect(target.height).toBe(follower.height)
  })

  it('signs `folkmoot/simplex/1 ‖ instance ‖ epoch ‖ kind ‖ view ‖ hash`', async () => {
    const { signedVote } = wireFixture(file, await current())
    const protocol = toHex(utf8('folkmoot/simplex/1'))
    const numbers = ['0000000000000003', '03', '0000000000000102']
    expect(signedVote).toBe([protocol, instance, ...numbers, toHex(block)].join(''))
  })

  it('is what the seeds of the fuzzer are made of', () => {
    for (const seed of fuzz.seeds) expect(() => fuzz.run(seed)).not.toThrow()
    const cut = fuzz.seeds.map((seed) => seed.subarray(0, seed.length - 1))
    expect(cut.filter((bytes) => parseProposal(bytes).ok || parseEntry(bytes).ok)).toEqual([])
    expect(fuzz.seeds.filter((seed) => parseProposal(seed).ok)).toHaveLength(2)
    expect(fuzz.seeds.filter((seed) => parseVoterSet(seed).ok)).toHaveLength(2)
    expect(fuzz.seeds.filter((seed) => parseCertificate(seed).ok)).toHaveLength(2)
  })
})
