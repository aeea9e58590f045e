/**
 * Fuzz target: entries, proofs and snapshots as a stranger may send them. Whatever the bytes, the
 * parsers answer with a verdict; what they accept is canonical and survives a round trip.
 *
 * @module
 */
import { concatBytes, encode, equalBytes, utf8 } from '@folkmoot/codec'
import { peerIdOf } from '@folkmoot/identity'
import { encodeEntry, parseEntry } from './entry.ts'
import { finalityItems } from './finality.ts'
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

/** The same entry as voters would have decided it, alone or under a later block. */
function decidedSeed(kind: 'bft' | 'raft', isUnder: boolean): Uint8Array {
  const hash = new Uint8Array(32).fill(3)
  const plain = {
    instance: 'ab'.repeat(32),
    epoch: 1,
    height: 1,
    parentHash: NO_PARENT,
    payloadHash: payloadRoot([]),
    stateRoot: hash,
    historyRoot: hash,
    time: 1_700_000_000_000,
  }
  const bft = { view: 2, parentView: 0, justifyHash: hash, flags: 0 }
  const header = encodeHeader(kind === 'bft' ? { ...plain, bft } : plain)
  const under = isUnder ? { header, path: [hash, hash] } : null
  const quorum = new Uint8Array(40)
  return kind === 'bft'
    ? encodeEntry({ kind, header, certificate: quorum, under }, [])
    : encodeEntry({ kind, header, receipt: quorum, under }, [])
}

function snapshotSeed(epochs = 0): Uint8Array {
  const parsed = parseEntry(entryOf([]))
  if (!parsed.ok) return new Uint8Array()
  const { proof } = parsed.entry
  const application = utf8('state')
  const link = { proof, nextSet: utf8('voters') }
  const links = Array.from({ length: epochs }, () => link)
  return encodeSnapshot({ height: 1, proof, history: new Uint8Array(), application, epochs: links })
}

/** Nobody decides: what is left are the pure checks. */
const anchor = {
  instance: 'ab'.repeat(32),
  founder: peerIdOf(new Uint8Array(32).fill(5)),
  sets: { setOf: () => undefined, endOf: () => undefined },
}

export const name = 'consensus entry'

export const seeds: Uint8Array[] = [
  entryOf([]),
  entryOf([{ id: 'a', bytes: utf8('one'), refusal: null }]),
  entryOf([
    { id: 'a', bytes: utf8('one'), refusal: null },
    { id: 'b', bytes: new Uint8Array(), refusal: 'ledger/full' },
  ]),
  decidedSeed('bft', false),
  decidedSeed('bft', true),
  decidedSeed('raft', true),
  snapshotSeed(),
  snapshotSeed(2),
  encode(['fork', {}, {}]),
  concatBytes(entryOf([]), new Uint8Array(1)),
]

/** Answers how each parser took it, so that what is taken otherwise is kept to be changed on. */
export function run(bytes: Uint8Array): string {
  const header = parseHeader(bytes)
  if (header.ok && !equalBytes(encodeHeader(header.header), bytes)) {
    throw new Error('a header was accepted that is not canonical')
  }
  const parsed = parseEntry(bytes)
  if (parsed.ok && !equalBytes(encodeEntry(parsed.entry.proof, parsed.entry.ops), bytes)) {
    throw new Error('an entry was accepted that is not canonical')
  }
  if (parsed.ok) finalityItems(anchor, parsed.entry.proof)
  const snapshot = parseSnapshot(bytes)
  if (snapshot.ok && !equalBytes(encodeSnapshot(snapshot.snapshot), bytes)) {
    throw new Error('a snapshot was accepted that is not canonical')
  }
  return [header, parsed, snapshot].map((each) => (each.ok ? 'ok' : each.fault.message)).join(' | ')
}
