/**
 * What sealing and opening an envelope of 1 KB costs beyond its one signature.
 *
 * @module
 */
import { sign, verify } from 'node:crypto'
import { decode, encode } from '@folkmoot/codec'
import { createChecker, openEnvelope, sealEnvelope } from '@folkmoot/identity'
import { nodeVerifier } from '@folkmoot/storage/node'
import { type Benchmark, scaled } from '../measure/benchmark.ts'
import { figure } from '../measure/figure.ts'
import { interleave, microsEach } from '../measure/interleave.ts'
import { benchKey, fed, sampleEnvelope } from './sample-envelope.ts'

const aims = [{ of: 'ratio', atMost: 1.5 }] as const

export const benchmark: Benchmark = {
  title: 'seal and open a 1 KB envelope, beside a bare signature of the same bytes',
  run: async (effort, report) => {
    const mine = await benchKey(1)
    const other = await benchKey(2)
    const envelope = sampleEnvelope(mine.signer, other.signer, 1_024)
    const sealed = await sealEnvelope(mine.signer, envelope)
    const body = encode(envelope)
    const signature = sign(null, body, mine.privateKey)
    const checker = createChecker(nodeVerifier())
    const expected = { fed, now: Date.now() }
    // Short turns, and more of them: a turn is then rarely cut in two by another process.
    const count = scaled(400, effort)

    const samples = await interleave(
      {
        seal: () => microsEach(count, () => sealEnvelope(mine.signer, envelope)),
        sign: () => microsEach(count, () => sign(null, body, mine.privateKey)),
        open: () =>
          microsEach(count, async () => {
            const opened = await openEnvelope(checker, sealed, expected)
            if (!opened.ok) throw new Error(opened.fault.message)
          }),
        verify: () => microsEach(count, () => verify(null, body, mine.publicKey, signature)),
        encode: () => microsEach(count, () => encode(envelope)),
        decode: () => microsEach(count, () => decode(body)),
      },
      { repetitions: 5 * effort.repetitions, warmUp: 5 },
    )
    report(
      figure({
        name: 'seal, 1 KB',
        unit: 'µs',
        ours: samples.seal,
        beside: { name: 'ed25519 sign', samples: samples.sign },
        aims,
      }),
    )
    report(
      figure({
        name: 'open, 1 KB',
        unit: 'µs',
        ours: samples.open,
        beside: { name: 'ed25519 verify', samples: samples.verify },
        aims,
      }),
    )
    report(figure({ name: 'of seal: DAG-CBOR encode', unit: 'µs', ours: samples.encode }))
    report(figure({ name: 'of open: DAG-CBOR decode', unit: 'µs', ours: samples.decode }))
  },
}
