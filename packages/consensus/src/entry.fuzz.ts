/**
 * Fuzz target: entries, proofs and snapshots as a stranger may send them. Whatever the bytes, the
 * parsers answer with a verdict; what they accept is canonical and survives a round trip.
 *
 * @module
 */
import { concatBytes, encode, equalBytes, utf8 } from '@folkmoot/codec'
import { encodeEntry, parseEntry } from './entry.ts'
import { encodeHeader, NO_PARENT, parseHeader } from './header.ts'
import { payloadRoot, type RecordedOperation } from './payload.ts'
import { encodeSnapshot, parseSnapshot } from './snapshot.ts'

function entryOf(ops: readonly RecordedOperation[]): Uint8Array {
  const hash = new Uint8Array(32).fill(3)
  const header = encodeHeader({
    instance: 'ab'.repeat(32),
    epoch: 0,
    height: 1,
    parentHash: NO_PARENT,
    payloadHash: payloadRoot(ops),
    stateRoot: hash,
    historyRoot: hash,
    time: 1_700_000_000_000,
  })
  return encodeEntry({ kind: 'solo', header, signature: new Uint8Array(64) }, ops)
}

function snapshotSeed(): Uint8Array {
  const parsed = parseEntry(entryOf([]))
  if (!parsed.ok) return new Uint8Array()
  const { proof } = parsed.entry
  const application = utf8('state')
  return encodeSnapshot({ height: 1, proof, history: new Uint8Array(), application, epochs: [] })
}

export const name = 'consensus entry'

export const seeds: Uint8Array[] = [
  entryOf([]),
  entryOf([{ id: 'a', bytes: utf8('one'), refusal: null }]),
  entryOf([
    { id: 'a', bytes: utf8('one'), refusal: null },
    { id: 'b', bytes: new Uint8Array(), refusal: 'ledger/full' },
  ]),
  snapshotSeed(),
  encode(['fork', {}, {}]),
  concatBytes(entryOf([]), new Uint8Array(1)),
]

export function run(bytes: Uint8Array): void {
  const header = parseHeader(bytes)
  if (header.ok && !equalBytes(encodeHeader(header.header), bytes)) {
    throw new Error('a header was accepted that is not canonical')
  }
  const parsed = parseEntry(bytes)
  if (parsed.ok && !equalBytes(encodeEntry(parsed.entry.proof, parsed.entry.ops), bytes)) {
    throw new Error('an entry was accepted that is not canonical')
  }
  const snapshot = parseSnapshot(bytes)
  if (snapshot.ok && !equalBytes(encodeSnapshot(snapshot.snapshot), bytes)) {
    throw new Error('a snapshot was accepted that is not canonical')
  }
}
