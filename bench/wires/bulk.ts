/**
 * Throughput of a stream with credits between two processes, beside the same transport without our
 * layer and beside a bare socket.
 *
 * @module
 */
import { type Benchmark, scaled } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'
import { interleave } from '../measure/interleave.ts'
import { chunkBytes, downloadOver, pourProtocol } from './byte-line.ts'
import { pour } from './capabilities.ts'
import { mebibytesPerSecond } from './throughput.ts'
import { connectWires, nodeTransports, startAnswering } from './two-processes.ts'

const fullChunks = 160
const aims = { tcp: 0.5, websocket: 0.7 } as const

export const benchmark: Benchmark = {
  title: `${(fullChunks * chunkBytes) / 2 ** 20} MiB in items of 64 KiB between two processes`,
  run: async (effort, report) => {
    const answering = await startAnswering()
    try {
      for (const transport of nodeTransports) {
        const { peer, home, bare, socket, stop } = await connectWires(answering, transport)
        const chunks = scaled(fullChunks, effort)
        const overLibp2p = downloadOver(await bare(pourProtocol))
        const overSocket = downloadOver(await socket(answering.pourPort))
        const ours = async () => {
          let bytes = 0
          const items = peer.exchange.stream(home, pour, { chunks }, { deadlineMs: 60_000 })
          for await (const { data } of items) bytes += data.byteLength
          if (bytes !== chunks * chunkBytes) throw new Error(JSON.stringify(await items.outcome))
        }
        const samples = await interleave(
          {
            ours: () => mebibytesPerSecond(chunks, ours),
            libp2p: () => mebibytesPerSecond(chunks, () => overLibp2p(chunks)),
            socket: () => mebibytesPerSecond(chunks, () => overSocket(chunks)),
          },
          effort,
        )
        const unit = 'MiB/s'
        const name = `${transport}: stream with credits`
        const beside = { name: 'bare libp2p stream', samples: samples.libp2p }
        const reach = [{ of: 'ratio', atLeast: aims[transport] }] as const
        report(figure({ name, unit, ours: samples.ours, beside, aims: reach }))
        const socketBeside = { name: 'bare TCP socket', samples: samples.socket }
        report(figure({ name, unit, ours: samples.ours, beside: socketBeside }))
        await stop()
      }
    } finally {
      await answering.stop()
    }
  },
}
