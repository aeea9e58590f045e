/**
 * Raft among three processes on one machine, beside etcd among three: one client, and 64. Ours over
 * libp2p (Noise over TCP) with receipts signed by a majority, theirs over plain TCP without; both
 * sync before they acknowledge. The clients ask the leader.
 *
 * @module
 */
import { type Benchmark, scaled } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'
import { interleave, medianMillis, ratePerSecond } from '../measure/interleave.ts'
import { startCommittee } from './committee.ts'
import { etcdVersion, startEtcd } from './etcd-cluster.ts'

const members = 3
const inFlight = 64

export const benchmark: Benchmark = {
  title: 'Raft, three members in three processes, Noise over TCP, sync on, operations of 100 bytes',
  run: async (effort, report) => {
    const version = etcdVersion()
    const committee = await startCommittee(members, 0, 'raft')
    const etcd = version === undefined ? undefined : await startEtcd()
    try {
      // The first operation waits for an election.
      await committee.lines[0]!.submit()
      const line = await committee.leaderLine()
      const submit = () => line.submit()
      const put = () => etcd!.put()
      const alone = scaled(1_000, effort)
      const many = scaled(20_000, effort)
      const lanes = {
        one: () => medianMillis(alone, submit),
        rateOne: () => ratePerSecond(alone, 1, submit),
        many: () => ratePerSecond(many, inFlight, submit),
      }
      const theirs = {
        etcdOne: () => medianMillis(alone, put),
        etcdRateOne: () => ratePerSecond(alone, 1, put),
        etcdMany: () => ratePerSecond(many, inFlight, put),
      }
      const samples: Record<string, number[]> = await interleave(
        etcd ? { ...lanes, ...theirs } : lanes,
        effort,
      )
      const beside = (name: string) =>
        etcd ? { beside: { name: version!.replace(' Version:', ''), samples: samples[name]! } } : {}
      const without = etcd ? '' : ' (no etcd is installed to stand beside it)'
      report(
        figure({
          name: `Raft, 3 members, 1 client, p50${without}`,
          unit: 'ms',
          ours: samples.one!,
          ...beside('etcdOne'),
        }),
      )
      report(
        figure({
          name: `Raft, 3 members, 1 client${without}`,
          unit: '/s',
          ours: samples.rateOne!,
          ...beside('etcdRateOne'),
          aims: etcd ? [{ of: 'ratio', atLeast: 0.5 }] : [],
        }),
      )
      report(
        figure({
          name: `Raft, 3 members, ${inFlight} clients${without}`,
          unit: '/s',
          ours: samples.many!,
          ...beside('etcdMany'),
          aims: etcd ? [{ of: 'ratio', atLeast: 0.7 }] : [],
        }),
      )
    } finally {
      await committee.stop()
      await etcd?.stop()
    }
  },
}
