/**
 * The two capabilities that are measured: an echo, logged in full, and a stream of chunks.
 *
 * @module
 */
import { bytesSchema, intSchema } from '@folkmoot/codec'
import type { Capability, Exchange } from '@folkmoot/federation'
import * as v from 'valibot'
import { chunkBytes } from './byte-line.ts'

const blob = v.strictObject({ data: bytesSchema(chunkBytes) })
const order = v.strictObject({ chunks: intSchema(0, 1_000_000) })

export const echo: Capability<v.InferOutput<typeof blob>, v.InferOutput<typeof blob>> = {
  name: 'bench.echo',
  input: blob,
  output: blob,
  logging: 'full',
  maxBytes: 128 * 1_024,
}

export const pour: Capability<v.InferOutput<typeof order>, v.InferOutput<typeof blob>> = {
  name: 'bench.pour',
  input: order,
  output: blob,
  logging: 'full',
  maxBytes: 128 * 1_024,
}

const exposure = { to: 'members', maxConcurrent: 1_024, ratePerMinute: 10_000_000 } as const

export function exposeBoth(exchange: Pick<Exchange, 'expose'>): void {
  exchange.expose({
    capability: echo,
    exposure,
    handler: async (input) => ({ ok: true, output: input }),
  })
  exchange.expose({
    capability: pour,
    exposure,
    stream: async function* ({ chunks }) {
      for (let n = 0; n < chunks; n += 1) yield { data: new Uint8Array(chunkBytes) }
    },
  })
}
