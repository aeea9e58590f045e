/**
 * What members ask of voters where two histories were decided.
 *
 * @module
 */
import { bytesSchema, intSchema } from '@folkmoot/codec'
import { MAX_CERTIFICATE_BYTES } from '@folkmoot/consensus'
import * as v from 'valibot'
import type { Capability } from '../capability.ts'

const crossedSchema = v.strictObject({
  epoch: intSchema(1, 1_000_000),
  view: intSchema(1, Number.MAX_SAFE_INTEGER),
})
const answerSchema = v.strictObject({
  certificate: v.nullable(bytesSchema(MAX_CERTIFICATE_BYTES)),
})

/** By which certificate the voter's history crossed a view; null where it does not know. */
export const ledgerCrossing: Capability<
  v.InferOutput<typeof crossedSchema>,
  v.InferOutput<typeof answerSchema>
> = {
  name: 'ledger.crossing',
  input: crossedSchema,
  output: answerSchema,
  logging: 'counted',
  maxBytes: 11 * 1024,
}
