import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { publishedData } from '../../../testing/src/published-data.ts'
import { bftForks } from '../campaigns/bft-forks.ts'
import { describeMessage } from './describe-message.ts'
import { encodeOperation, parseOperation } from './operation-message.ts'
import { addressOf, readTwins, twinsScenario, VIEW_CHOICES, writeTwins } from './twins-format.ts'
import { runTwins } from './twins-run.ts'

const file = publishedData('consensus/twins-relab-hotstuff/fhs-bug-scenario.json')

test.skipIf(file === undefined)(
  'relab/hotstuff, fhs-bug scenario: what breaks Fast-HotStuff is safe here, and live afterwards',
  async () => {
    const read = readTwins(readFileSync(file!, 'utf8'))
    expect(read).toMatchObject({ num_nodes: 4, num_twins: 0, views: 11 })
    for (const [index, scenario] of read.scenarios.entries()) {
      const { violations } = await runTwins({ seed: index + 1, twins: [], scenario })
      expect(violations).toEqual([])
    }
  },
)

test('scenarios survive their file format', () => {
  const scenarios = [twinsScenario(1), twinsScenario(4_096)]
  const head = { num_nodes: 4, num_twins: 1, partitions: 2, views: 7 }
  expect(readTwins(writeTwins({ ...head, scenarios })).scenarios).toEqual(scenarios)
  expect(addressOf({ ReplicaID: 1, TwinID: 2 })).toBe("v0'")
  expect(addressOf({ ReplicaID: 4 })).toBe('v3')
})

test('4,096 seeds go through every leader and split of the first two views', () => {
  const firsts = new Set<string>()
  for (let seed = 1; seed <= VIEW_CHOICES ** 2; seed += 1) {
    const scenario = twinsScenario(seed)
    expect(scenario.length).toBeGreaterThanOrEqual(4)
    expect(scenario.length).toBeLessThanOrEqual(7)
    firsts.add(JSON.stringify(scenario.slice(0, 2)))
  }
  expect(firsts.size).toBe(4_096)
})

test('a fork by more than f liars is seen, and names them', async () => {
  const { violations, counts } = await bftForks.run(1)
  expect(violations).toEqual([])
  expect(counts.forks).toBe(1)
})

test('a trace says what is in a message', () => {
  const operation = { id: '1-say', bytes: new TextEncoder().encode('say hello') }
  const message = encodeOperation(operation)
  expect(parseOperation(message)).toEqual(operation)
  expect(describeMessage(message)).toBe('operation 1-say "say hello"')
  expect(describeMessage(new Uint8Array([1, 2]))).toContain('no message')
})
