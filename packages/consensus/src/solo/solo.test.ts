import { memoryLog } from '@folkmoot/base'
import { describe, it } from 'vitest'
import { testChecker, testSigner } from '../../test/node-keys.ts'
import { KnownEpochs } from '../bft/epoch-chain.ts'
import { type ConformanceHarness, conformanceCases } from '../conformance/index.ts'
import { verifyFinality } from '../finality.ts'
import { createSoloFollower } from './follower.ts'
import { createSoloLog } from './leader.ts'

const instance = 'ab'.repeat(32)
const signer = testSigner(1)
const { checker } = testChecker()
const facts = { instance, founder: signer.peer, crossOrg: false, firstSet: null }
const { anchor } = new KnownEpochs(facts)

describe('engine solo', () => {
  let now = 1_000
  const clock = { now: () => now++ }
  const harness: ConformanceHarness = {
    open: (parts) => createSoloLog({ instance, signer, checker, clock, ...parts }),
    follow: (parts) => createSoloFollower({ ...anchor, checker, log: memoryLog(), ...parts }),
    verify: (proof) => verifyFinality(checker, anchor, proof),
  }
  for (const { name, run } of conformanceCases) it(name, () => run(harness))
})
