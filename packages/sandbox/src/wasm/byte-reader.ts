/**
 * Reads WebAssembly's binary primitives from hostile bytes: every read is bounded by the end of
 * its section, and every LEB128 integer by its width (WebAssembly core 3.0, section 5.2.2).
 *
 * @module
 */
import type { SandboxCode } from '../codes.ts'

/** Leaves the parser early; `prepareModule` turns it into a refusal and nobody else sees it. */
export class Rejection extends Error {
  readonly code: SandboxCode

  constructor(code: SandboxCode, message: string) {
    super(message)
    this.code = code
  }
}

export function malformed(message: string): never {
  throw new Rejection('sandbox/malformed-module', message)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class ByteReader {
  readonly bytes: Uint8Array
  readonly end: number
  at: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = start
    this.end = end
  }

  get done(): boolean {
    return this.at >= this.end
  }

  byte(): number {
    if (this.at >= this.end) malformed(`the bytes end early at ${this.at}`)
    return this.bytes[this.at++]!
  }

  skip(length: number): void {
    if (length > this.end - this.at) malformed(`the bytes end early at ${this.end}`)
    this.at += length
  }

  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      if (shift === 28 && byte > 0x0f) malformed(`an integer at ${this.at} does not fit 32 bits`)
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    return malformed(`an integer at ${this.at} is too long`)
  }

  /** A signed LEB128 of at most `bits` bits, without its value. */
  skipSigned(bits: 32 | 33 | 64): void {
    const longest = Math.ceil(bits / 7)
    for (let index = 1; index <= longest; index++) {
      const byte = this.byte()
      if (index === longest) {
        // The unused bits of the last byte must repeat the sign.
        const used = bits - 7 * (longest - 1)
        const sign = (byte << (32 - 7)) >> (32 - 7 + used - 1)
        if (byte > 0x7f || (sign !== 0 && sign !== -1)) {
          malformed(`an integer at ${this.at} does not fit ${bits} bits`)
        }
        return
      }
      if (byte < 0x80) return
    }
  }

  /** A signed 32-bit LEB128. */
  s32(): number {
    const start = this.at
    this.skipSigned(32)
    let value = 0
    let shift = 0
    for (let at = start; at < this.at; at++, shift += 7) {
      value |= (this.bytes[at]! & 0x7f) << shift
    }
    return shift < 32 ? (value << (32 - shift)) >> (32 - shift) : value
  }

  /** The length of a vector; each element takes at least `elementBytes`, so it cannot exceed the rest. */
  count(what: string, most: number, elementBytes = 1): number {
    const count = this.u32()
    if (count * elementBytes > this.end - this.at) malformed(`the ${what} end early`)
    if (count > most) {
      throw new Rejection(
        'sandbox/module-too-large',
        `${count} ${what}; at most ${most} are allowed`,
      )
    }
    return count
  }

  name(): string {
    const length = this.u32()
    const start = this.at
    this.skip(length)
    try {
      return utf8.decode(this.bytes.subarray(start, this.at))
    } catch {
      return malformed(`a name at ${start} is not UTF-8`)
    }
  }

  /** A reader of the next `length` bytes, which this one skips. */
  part(length: number): ByteReader {
    const start = this.at
    this.skip(length)
    return new ByteReader(this.bytes, start, this.at)
  }
}
