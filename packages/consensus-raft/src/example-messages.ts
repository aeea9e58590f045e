/**
 * One message of each type, for the wire fixtures and the fuzz target.
 *
 * @module
 */
import { utf8 } from '@folkmoot/codec'
import { peerIdOf } from '@folkmoot/identity'
import { encodeBatch } from './engine/batch.ts'
import type { EngineMessage } from './engine/engine-message.ts'
import { encodeMembership } from './entry.ts'
import type { RaftMessage } from './message.ts'

const [a, b] = [1, 2].map((seed) => peerIdOf(new Uint8Array(32).fill(seed)))
const members = { voters: [a!], learners: [b!] }
const data = encodeBatch({
  time: 1_700_000_000_000,
  ops: [{ id: 'x', bytes: utf8('op') }],
  turn: null,
})
const hash = new Uint8Array(32).fill(7)

export const exampleMessages: readonly RaftMessage[] = [
  { type: 'vote', term: 3, pre: true, force: false, lastIndex: 9, lastTerm: 2 },
  { type: 'voted', term: 3, pre: false, granted: true },
  {
    type: 'append',
    term: 3,
    round: 5,
    commit: 7,
    prevIndex: 9,
    prevTerm: 2,
    entries: [
      { index: 10, term: 3, kind: 'noop', data: new Uint8Array() },
      { index: 11, term: 3, kind: 'data', data },
      { index: 12, term: 3, kind: 'members', data: encodeMembership(members) },
    ],
  },
  { type: 'appended', term: 3, round: 5, ok: false, index: 9, hintIndex: 4, hintTerm: 1 },
  { type: 'committed', term: 3, commit: 8 },
  {
    type: 'snapshot',
    term: 3,
    round: 5,
    index: 4,
    snapshotTerm: 1,
    members,
    info: new Uint8Array([1]),
  },
  { type: 'read', term: 3, token: 6 },
  { type: 'readable', term: 3, token: 6, index: 8 },
  { type: 'timeoutNow', term: 3 },
]

export const exampleEngineMessages: readonly EngineMessage[] = [
  {
    type: 'forward',
    ops: [
      { id: 'x', bytes: utf8('op'), deadlineMs: null },
      { id: 'y', bytes: utf8('op'), deadlineMs: 1_700_000_000_000 },
    ],
  },
  { type: 'refused', id: 'y', code: 'consensus/deadline' },
  { type: 'share', height: 4, index: 6, term: 2, hash, signature: new Uint8Array(64).fill(9) },
  { type: 'share', height: 4, index: 6, term: 2, hash, signature: null },
  { type: 'receipts', receipts: [{ header: hash, receipt: new Uint8Array([1, 2]) }] },
  { type: 'fetch', height: 4 },
  { type: 'entries', entries: [new Uint8Array([1])] },
  { type: 'piece', total: 2, offset: 0, bytes: new Uint8Array([1, 2]) },
  { type: 'recorded', id: 'y', height: 3 },
  { type: 'gone', height: 4 },
]
