import { memoryLog } from '@folkmoot/base'
import { Chain, followChain, verifyFinality } from '@folkmoot/consensus'
import { type ConformanceHarness, conformanceCases } from '@folkmoot/consensus/conformance'
import { testRawSigner } from '@folkmoot/identity/test-keys'
import { afterEach, describe, it } from 'vitest'
import { checker, Hub, memoryDatabase } from '../../test/memory-network.ts'
import { type BftLog, voteKeyName } from '../index.ts'

let opened: BftLog[] = []
afterEach(async () => {
  await Promise.all(opened.map((engine) => engine.close()))
  opened = []
})

describe('engine bft, one voter', () => {
  const hub = new Hub(1)
  const harness: ConformanceHarness = {
    open: async (parts) => {
      const database = memoryDatabase(new Map([[voteKeyName(1), testRawSigner(100)]]))
      const engine = await hub.open(0, { ...parts, database })
      opened.push(engine)
      return engine
    },
    follow: async ({ application }) =>
      followChain(await Chain.open({ facts: hub.facts, checker, application, log: memoryLog() })),
    verify: (proof) => {
      const sets = { setOf: () => hub.set, endOf: () => undefined }
      return verifyFinality(checker, { ...hub.facts, sets }, proof)
    },
  }
  for (const { name, run } of conformanceCases) it(name, () => run(harness))
})

describe('engine bft, four voters', () => {
  // The three others keep what a broken disk has lost, and a fresh disk makes a fresh federation:
  // cases about what a restart finds on a disk are those of a voter alone.
  const shared = conformanceCases.filter(({ name }) => !/snapshot|disk breaks, |restart/.test(name))
  let hub = new Hub(4)
  const harness: ConformanceHarness = {
    open: async (parts) => {
      hub = new Hub(4)
      const others = await Promise.all([1, 2, 3].map((place) => hub.open(place)))
      const engine = await hub.open(0, parts)
      opened.push(engine, ...others)
      return engine
    },
    follow: async ({ application }) =>
      followChain(await Chain.open({ facts: hub.facts, checker, application, log: memoryLog() })),
    verify: (proof) => {
      const sets = { setOf: () => hub.set, endOf: () => undefined }
      return verifyFinality(checker, { ...hub.facts, sets }, proof)
    },
  }
  for (const { name, run } of shared) it(name, () => run(harness))
})
