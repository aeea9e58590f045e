import { encode, fromHex } from '@folkmoot/codec'
import { describe, expect, it } from 'vitest'
import { END_EPOCH, encodeHeader, type Header, NO_PARENT, parseHeader, VOID } from './header.ts'

const hash = (byte: number) => new Uint8Array(32).fill(byte)
const plain: Header = {
  instance: 'ab'.repeat(32),
  epoch: 0,
  height: 3,
  parentHash: NO_PARENT,
  payloadHash: hash(1),
  stateRoot: hash(2),
  historyRoot: hash(3),
  time: 5,
}
const bft = { view: 4, parentView: 2, justifyHash: hash(4), flags: 0 }

describe('a header', () => {
  it.each<[string, Header]>([
    ['of a founder', plain],
    ['of a founder who hands over', { ...plain, nextSetHash: hash(9) }],
    ['of a block', { ...plain, epoch: 1, bft }],
    [
      'of an end block',
      { ...plain, epoch: 1, nextSetHash: hash(9), bft: { ...bft, flags: END_EPOCH } },
    ],
    ['of a void block', { ...plain, epoch: 1, bft: { ...bft, flags: VOID } }],
  ])('%s survives its encoding', (_, header) => {
    expect(parseHeader(encodeHeader(header))).toEqual({ ok: true, header })
  })

  it.each<[string, Header]>([
    [
      'that ends an epoch without voters',
      { ...plain, epoch: 1, bft: { ...bft, flags: END_EPOCH } },
    ],
    ['that names voters without an end', { ...plain, epoch: 1, nextSetHash: hash(9), bft }],
    ['whose parent is not earlier', { ...plain, epoch: 1, bft: { ...bft, parentView: 4 } }],
    ['with an unknown flag', { ...plain, epoch: 1, bft: { ...bft, flags: 4 } }],
    ['of a block in the epoch of the founder', { ...plain, bft }],
  ])('%s is refused', (_, header) => {
    expect(parseHeader(encodeHeader(header)).ok).toBe(false)
  })

  it('of a length between the forms is refused', () => {
    const fields = [fromHex(plain.instance), 0, 3, hash(0), hash(1), hash(2), hash(3), 5]
    for (const extra of [[null], [hash(1), hash(1)], [1, 2, 3, 4, 5, 6]]) {
      expect(parseHeader(encode([...fields, ...extra])).ok).toBe(false)
    }
  })
})
