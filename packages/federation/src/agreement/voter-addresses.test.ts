/** Real peers that ask a voter where the others listen, and tell it what is not so. */
import { createSigner, type Signer, sealAddressRecord, sealRecord } from '@folkmoot/identity'
import { openKeyFile } from '@folkmoot/storage/node'
import { type LoopbackFederation, startLoopbackFederation, waitUntil } from '@folkmoot/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { keyOf } from '../../test/lone-room.ts'
import type { Peer } from '../peer.ts'
import { maxAddressRecords, voterAddresses } from '../services.ts'

let federation: LoopbackFederation
/** Members, of whom the first was offered a seat. */
let ann: Peer
let bob: Peer
beforeEach(async () => {
  federation = await startLoopbackFederation()
  ann = await federation.join({ nickname: 'ann', state: stateOf('ann') })
  bob = await federation.join({ nickname: 'bob', state: stateOf('bob') })
  const body = { peer: ann.me, org: '', seat: true }
  const offered = await federation.founder().agreement.propose({ kind: 'voter.offer', body })
  expect(offered.ok).toBe(true)
  await waitUntil('it is asked', async () => (await tell(bob, null)).ok)
}, 60_000)
afterEach(() => federation.stop())

const stateOf = (name: string) => `${federation.folder}/${name}`
const signerOf = async (name: string): Promise<Signer> =>
  createSigner(await openKeyFile(`${stateOf(name)}/key.pem`))

const tell = (peer: Peer, record: Uint8Array | null) =>
  peer.exchange.call(federation.founder().me, voterAddresses, { record })

/** What the founder tells whoever asks. */
async function toldTo(peer: Peer): Promise<readonly Uint8Array[]> {
  const answer = await tell(peer, null)
  if (!answer.ok) throw new Error(answer.fault.message)
  return answer.output.records
}

const recordOf = (signer: Signer, port: number, issued: number) =>
  sealAddressRecord(signer, {
    v: 1,
    fed: ann.fed,
    addresses: [`/ip4/127.0.0.1/tcp/${port}/p2p/${signer.peer}`],
    issued,
  })

it('passes on where those listen who were offered a seat, and the later word of two', async () => {
  const signer = await signerOf('ann')
  const [older, newer] = [await recordOf(signer, 1, 1_000), await recordOf(signer, 2, 2_000)]
  expect(await toldTo(bob)).toEqual([])
  await tell(ann, older)
  expect(await toldTo(bob)).toEqual([older])
  expect(await toldTo(ann)).toEqual([])
  await tell(ann, newer)
  await tell(ann, older)
  expect(await toldTo(bob)).toEqual([newer])
})

it('takes it from whoever passes it on, since only its author could have made it', async () => {
  const record = await recordOf(await signerOf('ann'), 1, 1_000)
  await tell(bob, record)
  expect(await toldTo(bob)).toEqual([record])
})

it('keeps nothing that is forged, of elsewhere, of strangers, or of who has no seat in sight', async () => {
  const [annKey, bobKey, stranger] = [await signerOf('ann'), await signerOf('bob'), await keyOf(9)]
  const content = {
    v: 1,
    fed: ann.fed,
    addresses: [`/ip4/127.0.0.1/tcp/1/p2p/${ann.me}`],
    issued: 1,
  } as const
  const broken = (await recordOf(annKey, 1, 1_000)).slice()
  broken[broken.length - 1]! ^= 1
  for (const record of [
    // About another peer.
    await sealRecord(bobKey, 'addresses', content),
    await sealRecord(annKey, 'receipt', content),
    await sealRecord(annKey, 'addresses', { ...content, fed: 'cd'.repeat(32) }),
    await recordOf(stranger, 1, 1_000),
    await recordOf(bobKey, 1, 1_000),
    broken,
    new Uint8Array(100),
  ]) {
    expect((await tell(bob, record)).ok).toBe(true)
  }
  expect(await toldTo(ann)).toEqual([])
  expect(await toldTo(bob)).toEqual([])
})

it('bounds what is said and how often', async () => {
  const refused = await tell(bob, new Uint8Array(6 * 1024))
  expect(refused.ok).toBe(false)
  const codes = new Set<string>()
  for (let i = 0; i < 200 && !codes.has('policy/rate'); i++) {
    const answer = await tell(bob, null)
    codes.add(answer.ok ? 'ok' : answer.fault.code)
    if (answer.ok) expect(answer.output.records.length).toBeLessThanOrEqual(maxAddressRecords)
  }
  expect([...codes]).toEqual(['ok', 'policy/rate'])
})
