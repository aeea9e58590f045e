/**
 * Puts a snapshot together from the pieces that one peer sends: those of others, who send their own
 * at the same time, do not fit.
 *
 * @module
 */
import type { PeerId } from '@folkmoot/identity'
import { PIECE_BYTES } from './engine-message.ts'

export interface Piece {
  /** Bytes of the whole. */
  readonly total: number
  readonly offset: number
  readonly bytes: Uint8Array
}

export interface Assembly {
  readonly from: PeerId
  /** Counts periods without a piece; see {@link createAssembly}. */
  idle: number
  /** Takes the next piece; the whole once it is there. */
  add(piece: Piece): Uint8Array | undefined
}

/** As large as a snapshot may be at all. */
const MAX_SNAPSHOT = 256 * 1024 * 1024

/** Begins with the first piece; undefined where none begins with it. */
export function createAssembly(from: PeerId, { total, offset }: Piece): Assembly | undefined {
  if (offset !== 0 || total === 0 || total > MAX_SNAPSHOT) return undefined
  const whole = new Uint8Array(total)
  let filled = 0
  const assembly: Assembly = {
    from,
    idle: 0,
    add({ total: of, offset: at, bytes }) {
      // Of full size but the last, so that nobody goes on for ever with small ones.
      const size = Math.min(PIECE_BYTES, total - at)
      if (of !== total || at !== filled || bytes.length !== size) return undefined
      whole.set(bytes, at)
      filled += size
      assembly.idle = 0
      return filled === total ? whole : undefined
    },
  }
  return assembly
}
