/** Four voters that make one entry final: who tells it on the topic. */
import { toHex } from '@folkmoot/codec'
import {
  blockId,
  encodeHeader,
  type FinalEntry,
  makeVoterSet,
  payloadRoot,
  type VoterSet,
} from '@folkmoot/consensus'
import { beforeAll, describe, expect, it } from 'vitest'
import { fed, keyOf } from '../../test/lone-room.ts'
import { tellInTurn } from './tell-in-turn.ts'

const none = new Uint8Array(32)
const height = 7
let set: VoterSet

function headerOf(time: number): Uint8Array {
  return encodeHeader({
    instance: fed,
    epoch: 1,
    height,
    parentHash: none,
    payloadHash: payloadRoot([]),
    stateRoot: none,
    historyRoot: none,
    time,
    // The first voter leads.
    bft: { view: 5, parentView: 4, justifyHash: none, flags: 0 },
  })
}

beforeAll(async () => {
  const keys = await Promise.all([1, 2, 3, 4].map(keyOf))
  const voters = keys.map(({ peer, publicKey }) => ({ peer, org: peer, voteKey: publicKey }))
  const made = makeVoterSet({ epoch: 1, voters, crossOrg: false })
  if (!made.ok) throw new Error(made.fault.message)
  set = made.set
})

/** Which of the four told it, after each had waited for its turn, where these blocks had come before. */
async function tellers(came: readonly Uint8Array[]): Promise<number[]> {
  const header = headerOf(1)
  const final = { height, header } as FinalEntry
  const told = new Set(came.map((block) => toHex(blockId(block))))
  const who: number[] = []
  for (const [place, { peer }] of set.voters.entries()) {
    const timers = {
      after: (_: number, callback: () => void) => {
        callback()
        return () => {}
      },
      every: () => () => {},
    }
    const tell = async () => void who.push(place)
    const ledger = { entries: async () => [new Uint8Array(100)] }
    await tellInTurn({ me: peer, ledger, timers, told, tell }, set, final)
  }
  return who
}

describe('a new entry', () => {
  it('is told by each whose turn comes before it was told', async () => {
    expect(await tellers([])).toEqual([0, 1, 2, 3])
  })

  it('is told by who led alone where the others have heard it', async () => {
    expect(await tellers([headerOf(1)])).toEqual([0])
  })

  it('is told all the same where another of its height came', async () => {
    expect(await tellers([headerOf(2)])).toEqual([0, 1, 2, 3])
  })
})
