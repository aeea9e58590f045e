/**
 * Acknowledged calls between two processes, with the durable audit of both sides, beside an echo
 * of the same bytes over bare libp2p and over a bare socket.
 *
 * @module
 */
import { type Benchmark, scaled } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'
import { interleave, medianMillis, ratePerSecond } from '../measure/interleave.ts'
import { echoOver, echoProtocol, messageBytes as size } from './byte-line.ts'
import { echo } from './capabilities.ts'
import { durableProtocol, durableSide } from './durable-echo.ts'
import { connectWires, nodeTransports, startAnswering } from './two-processes.ts'

const together = 64

export const benchmark: Benchmark = {
  title: 'calls of 1 KB between two processes, durable audit on',
  run: async (effort, report) => {
    const answering = await startAnswering()
    const durable = await durableSide()
    try {
      for (const transport of nodeTransports) {
        const { peer, home, bare, socket, stop } = await connectWires(answering, transport)
        const data = new Uint8Array(size)
        const call = async () => {
          const answer = await peer.call(home, echo, { data }, { deadlineMs: 60_000 })
          if (!answer.ok) throw new Error(`${answer.fault.code}: ${answer.fault.message}`)
        }
        const overLibp2p = echoOver(await bare(echoProtocol), size)
        const overDurable = durable.echoOver(await bare(durableProtocol), size)
        const overSocket = echoOver(await socket(answering.echoPort), size)
        const alone = scaled(200, effort)
        const many = scaled(1_500, effort)
        const samples = await interleave(
          {
            call: () => medianMillis(alone, call),
            libp2p: () => medianMillis(alone, overLibp2p),
            durable: () => medianMillis(alone, overDurable),
            socket: () => medianMillis(alone, overSocket),
            callsMany: () => ratePerSecond(many, together, call),
            libp2pMany: () => ratePerSecond(4 * many, together, overLibp2p),
            durableMany: () => ratePerSecond(many, together, overDurable),
            socketMany: () => ratePerSecond(4 * many, together, overSocket),
          },
          effort,
        )
        const besides = [
          ['bare libp2p stream', samples.libp2p, samples.libp2pMany],
          ['libp2p, signed and synced', samples.durable, samples.durableMany],
          ['bare TCP socket', samples.socket, samples.socketMany],
        ] as const
        for (const [index, [name, one, rate]] of besides.entries()) {
          const first = index === 0
          report(
            figure({
              name: `${transport}: call, p50 at 1 in flight`,
              unit: 'ms',
              ours: samples.call,
              beside: { name, samples: one },
              aims: first ? [{ of: 'ours', atMost: 2 }] : [],
            }),
          )
          report(
            figure({
              name: `${transport}: calls, ${together} in flight`,
              unit: '/s',
              ours: samples.callsMany,
              beside: { name, samples: rate },
              aims: first
                ? [
                    { of: 'ours', atLeast: 2_000 },
                    { of: 'ratio', atLeast: 0.5 },
                  ]
                : [],
            }),
          )
        }
        await stop()
      }
    } finally {
      await durable.stop()
      await answering.stop()
    }
  },
}
