/** How often anybody can make a peer ask others for a fork. */
import { silentLogger } from '@folkmoot/base'
import { toHex } from '@folkmoot/codec'
import { expect, it } from 'vitest'
import { watchForks } from './find-fork.ts'

const minute = 60_000

/** A peer that knows nobody to ask, so that a search is no more than looking whom to ask. */
function watching() {
  const wall = { now: 1_700_000_000_000 }
  const searches: number[] = []
  const status: { votingHalted?: object } = {}
  const charter = { founder: 'ann', engine: 'solo', crossOrg: false, voters: null }
  const watch = watchForks({
    clock: { now: () => wall.now },
    ledger: { evidence: () => undefined, status: () => status },
    charter,
    fed: toHex(new Uint8Array(32)),
    others: () => {
      searches.push(wall.now)
      return []
    },
    logger: silentLogger,
  } as never)
  const suspect = () => watch.forked().catch(() => {})
  return { wall, searches, status, suspect }
}

it('asks once in ten minutes on a suspicion, however many entries do not verify', async () => {
  const { wall, searches, suspect } = watching()
  for (let i = 0; i < 100; i++) await suspect()
  expect(searches).toHaveLength(1)
  wall.now += 9 * minute
  await suspect()
  expect(searches).toHaveLength(1)
  wall.now += 2 * minute
  await suspect()
  expect(searches).toHaveLength(2)
})

it('is not put off by a clock that is set back', async () => {
  const { wall, searches, suspect } = watching()
  await suspect()
  wall.now -= 60 * minute
  await suspect()
  expect(searches).toHaveLength(2)
})

it('asks each time as a voter that has stopped: it knows that there is one', async () => {
  const { searches, status, suspect } = watching()
  status.votingHalted = { code: 'consensus-bft/fork' }
  for (let i = 0; i < 3; i++) await suspect()
  expect(searches).toHaveLength(3)
})
