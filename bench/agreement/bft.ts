/**
 * Byzantine agreement among four processes on one machine: how long one operation takes, how many a
 * second go through, and what a longer way between the members costs.
 *
 * @module
 */
import { type Benchmark, scaled } from '../measure/benchmark.ts'
import { figure, median } from '../measure/figure.ts'
import { interleave, ratePerSecond } from '../measure/interleave.ts'
import { type Committee, startCommittee } from './committee.ts'

const members = 4
const inFlight = 64
const farMs = 50
/** Longest time of one repetition. */
const laneMs = 5_000
/** Rounds before the counted ones: a voter's code is compiled after some thousand operations. */
const warmUp = 3

async function within<T>(delayMs: number, run: (committee: Committee) => Promise<T>): Promise<T> {
  const committee = await startCommittee(members, delayMs)
  try {
    return await run(committee)
  } finally {
    await committee.stop()
  }
}

/** Median time in ms of at most `count` operations, each handed to whoever leads at that moment. */
async function medianFrom(committee: Committee, count: number): Promise<number> {
  const spent: number[] = []
  const started = performance.now()
  while (spent.length < count && (spent.length === 0 || performance.now() - started < laneMs)) {
    const line = await committee.leaderLine()
    const before = performance.now()
    await line.submit()
    spent.push(performance.now() - before)
  }
  return median(spent)
}

/** Processor time in ms that all members spend on each operation of a lane. */
async function processorTime(
  committee: Committee,
  spent: number[],
  lane: () => Promise<number>,
): Promise<number> {
  const before = await committee.counts()
  const value = await lane()
  const after = await committee.counts()
  const total = after.reduce((sum, { cpuMs }, i) => sum + cpuMs - before[i]!.cpuMs, 0)
  const decided = after[0]!.height - before[0]!.height
  spent.push(total / decided)
  return value
}

export const benchmark: Benchmark = {
  title: 'BFT, four voters in four processes, Noise over TCP, sync on, operations of 100 bytes',
  run: async (effort, report) => {
    const given = { ...effort, warmUp }
    await within(0, async (committee) => {
      const { lines } = committee
      const cpu: number[] = []
      const one = () => medianFrom(committee, scaled(300, effort))
      const many = () =>
        ratePerSecond(scaled(20_000, effort), inFlight, (n) => lines[n % members]!.submit())
      const samples = await interleave(
        { one: () => processorTime(committee, cpu, one), many },
        given,
      )
      report(
        figure({
          name: 'BFT, 4 voters, 1 client at the leader, p50',
          unit: 'ms',
          ours: samples.one,
          aims: [{ of: 'ours', atMost: 5 }],
        }),
      )
      report(
        figure({
          name: 'of it: processor time of all 4 voters for a block',
          unit: 'ms',
          ours: cpu.slice(warmUp),
        }),
      )
      report(
        figure({
          name: `BFT, 4 voters, ${inFlight} clients`,
          unit: 'operations/s',
          ours: samples.many,
          aims: [{ of: 'ours', atLeast: 2_000 }],
        }),
      )
    })
    await within(farMs, async (committee) => {
      const far = () => medianFrom(committee, scaled(20, effort))
      const samples = await interleave({ far }, given)
      report(
        figure({
          name: `BFT, 4 voters, 1 client at the leader, ${farMs} ms added one way, p50`,
          unit: 'ms',
          ours: samples.far,
          beside: { name: 'δ, that delay', samples: samples.far.map(() => farMs) },
          aims: [{ of: 'ratio', atMost: 3.5 }],
        }),
      )
    })
  },
}
