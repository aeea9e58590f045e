/**
 * The bodies of the envelopes that steer a call. `call` and `result` carry the content as it is.
 *
 * @module
 */
import { type Fault, refuse, type Verdict } from '@folkmoot/base'
import { encode, intSchema, parse, textSchema } from '@folkmoot/codec'
import * as v from 'valibot'

/** More items or bytes than one call can ever carry. */
const MAX_COUNT = Number.MAX_SAFE_INTEGER
/** Around the data of an item: map, keys, number. */
const ITEM_OVERHEAD = 64

const countSchema = intSchema(0, MAX_COUNT)

/** `n` counts from 0, because two links of one call may deliver out of order. */
export interface Item {
  readonly n: number
  readonly data: Uint8Array
}

export function encodeItem(item: Item): Uint8Array {
  return encode({ n: item.n, data: item.data })
}

export function parseItem(body: Uint8Array, maxBytes: number): Verdict<{ item: Item }> {
  const schema = v.strictObject({ n: countSchema, data: v.instance(Uint8Array) })
  const parsed = parse(schema, body, {
    maxBytes: maxBytes + ITEM_OVERHEAD,
    maxItems: 8,
    maxDepth: 2,
  })
  return parsed.ok ? { ok: true, item: parsed.value } : malformed('item', parsed.fault)
}

/** `count` is the number of items before it. */
export function encodeEnd(count: number): Uint8Array {
  return encode({ count })
}

export function parseEnd(body: Uint8Array): Verdict<{ count: number }> {
  const parsed = parse(v.strictObject({ count: countSchema }), body, small)
  return parsed.ok ? { ok: true, count: parsed.value.count } : malformed('end', parsed.fault)
}

/** `upTo` is the number of bytes handled since the start: repeating or losing one does no harm. */
export function encodeCredit(upTo: number): Uint8Array {
  return encode({ upTo })
}

export function parseCredit(body: Uint8Array): Verdict<{ upTo: number }> {
  const parsed = parse(v.strictObject({ upTo: countSchema }), body, small)
  return parsed.ok ? { ok: true, upTo: parsed.value.upTo } : malformed('credit', parsed.fault)
}

export function encodeFault(fault: Fault): Uint8Array {
  return encode({ code: fault.code.slice(0, 100), message: fault.message.slice(0, 500) })
}

/** The body of an `error` or a `cancel`. */
export function parseFault(body: Uint8Array): Verdict<{ reported: Fault }> {
  const schema = v.strictObject({ code: textSchema(400), message: textSchema(2_000) })
  const parsed = parse(schema, body, { maxBytes: 4_096, maxItems: 8, maxDepth: 2 })
  return parsed.ok ? { ok: true, reported: parsed.value } : malformed('error', parsed.fault)
}

const small = { maxBytes: 64, maxItems: 4, maxDepth: 2 }

function malformed(kind: string, fault: Fault) {
  return refuse('calls/malformed', `not the body of ${kind}: ${fault.message}`)
}
