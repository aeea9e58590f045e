import { type AppendLog, memoryLog } from '@folkmoot/base'
import { createFollower, KnownEpochs, verifyFinality } from '@folkmoot/consensus'
import { type ConformanceHarness, conformanceCases } from '@folkmoot/consensus/conformance'
import { afterEach, describe, it } from 'vitest'
import { checker, createGroup, type Group } from '../../test/group.ts'

describe.each([
  ['that leads', 0],
  ['that follows', 1],
] as const)('engine raft, three members, asked at the one %s', (_, seat) => {
  let groups: { group: Group; log: AppendLog }[] = []
  afterEach(async () => {
    for (const { group } of groups) await group.close()
    groups = []
  })

  const harness: ConformanceHarness = {
    async open({ log, application }) {
      // A used disk belongs to the group that used it, even where it is a copy of what was left.
      const known = log.length > 0 ? groups.findLast((each) => each.log === log) : undefined
      const used = known ?? (log.length > 0 ? groups.at(-1) : undefined)
      const group = used?.group ?? createGroup(3)
      groups.push({ group, log })
      if (!used) for (const other of [0, 1, 2]) if (other !== seat) await group.open(other)
      const { engine } = await group.open(seat, { log, application })
      return {
        ...engine,
        install: async (snapshot) => {
          await engine.install(snapshot)
          // An operator gives every member the same beginning.
          for (const [at, member] of group.members) {
            if (at !== seat) await member.engine.install(snapshot)
          }
        },
      }
    },
    follow: ({ application }) => {
      const { facts } = createGroup(3)
      return createFollower({ facts, checker, application, log: memoryLog() })
    },
    verify: (proof) => {
      const { anchor } = new KnownEpochs(createGroup(3).facts)
      return verifyFinality(checker, anchor, proof)
    },
  }
  for (const { name, run } of conformanceCases) it(name, () => run(harness))
})
