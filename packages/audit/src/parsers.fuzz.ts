/**
 * What a stranger may hand us: checkpoint notes, leaves, exports.
 *
 * @module
 */
import { encode, utf8 } from '@folkmoot/codec'
import { parseCheckpoint } from './checkpoint.ts'
import { contentText } from './content-text.ts'
import { encodeLeaf, readLeaf } from './entry.ts'
import { parseExport } from './export.ts'

const root = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
const note = utf8(`folkmoot/a/b/c\n42\n${root}\n\n\u2014 folkmoot/a/b/c AAAA\n`)

const leaf = encodeLeaf(0, 1, {
  phase: 'intent',
  direction: 'out',
  peer: null,
  action: 'call',
  capability: 'a',
  envelope: 'ab',
  contentHash: '00'.repeat(32),
  decision: 'allowed',
  reason: null,
  guard: { kept: 1 },
  micros: { identity: 5 },
  channel: 'direct',
})

const whole = encode({
  v: 1,
  format: 'folkmoot/audit',
  statement: new Uint8Array(3),
  entries: [
    [leaf, [new Uint8Array(16), utf8('content')]],
    [leaf, null],
  ],
  checkpoints: [note],
  droppedBytes: 0,
})

export const checkpointTarget = { name: 'audit/checkpoint', seeds: [note], run: parseCheckpoint }
export const leafTarget = { name: 'audit/leaf', seeds: [leaf], run: readLeaf }
export const exportTarget = { name: 'audit/export', seeds: [whole], run: parseExport }
export const contentTarget = {
  name: 'audit/content-text',
  seeds: [utf8('text'), encode({ a: [new Uint8Array(2), 1.5, 2n ** 60n] })],
  run: contentText,
}
