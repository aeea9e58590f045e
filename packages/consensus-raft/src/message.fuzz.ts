/**
 * Fuzz target: messages of the core and of the engine, as somebody with a member's key may send
 * them. Whatever the bytes, the parsers answer with a verdict; what they accept is canonical.
 *
 * @module
 */
import { encode, equalBytes, utf8 } from '@folkmoot/codec'
import { peerIdOf } from '@folkmoot/identity'
import { encodeBatch, parseBatch } from './engine/batch.ts'
import {
  encodeEngineMessage,
  isEngineMessage,
  parseEngineMessage,
} from './engine/engine-message.ts'
import { encodeMembership, parseMembership } from './entry.ts'
import { exampleEngineMessages, exampleMessages } from './example-messages.ts'
import { encodeMessage, parseMessage } from './message.ts'

const peer = peerIdOf(new Uint8Array(32).fill(1))

export const name = 'consensus-raft message'

export const seeds: Uint8Array[] = [
  ...exampleMessages.map(encodeMessage),
  ...exampleEngineMessages.map(encodeEngineMessage),
  encodeBatch({ time: 5, ops: [{ id: 'a', bytes: utf8('one') }], turn: null }),
  encodeMembership({ voters: [peer], learners: [] }),
  encode([]),
]

export function run(bytes: Uint8Array): unknown {
  const isEngine = isEngineMessage(bytes)
  const said = isEngine ? parseEngineMessage(bytes) : parseMessage(bytes)
  if (said.ok) {
    const { message } = said
    expectSame(
      isEngine ? encodeEngineMessage(message as never) : encodeMessage(message as never),
      bytes,
    )
  }
  const batch = parseBatch(bytes)
  if (batch) expectSame(encodeBatch(batch), bytes)
  const membership = parseMembership(bytes)
  if (membership) expectSame(encodeMembership(membership), bytes)
  if (batch || membership) return batch ? 'batch' : 'membership'
  return said.ok ? said.message.type : said
}

function expectSame(again: Uint8Array, bytes: Uint8Array): void {
  if (!equalBytes(again, bytes)) throw new Error('bytes were accepted that are not canonical')
}
