/**
 * Walks CBOR bytes once, without building anything, and says whether they are canonical DAG-CBOR
 * within limits. Only what passes is handed to the decoder, so hostile bytes cannot make it
 * allocate more than the limits allow.
 *
 * Source: DAG-CBOR specification ("Strictness"), RFC 8949 §3 and §4.2.
 *
 * @module
 */
import type { Fault } from '@folkmoot/base'
import { CID } from 'multiformats/cid'
import { equalBytes } from './bytes.ts'
import { checkUtf8 } from './check-utf8.ts'
import type { CodecCode } from './codes.ts'
import type { DecodeLimits } from './limits.ts'

const TWO_32 = 0x1_0000_0000

/** The first fault of `bytes` as one canonical value, or undefined where there is none. */
export function checkCanonical(bytes: Uint8Array, limits: DecodeLimits): Fault | undefined {
  if (bytes.length > limits.maxBytes) {
    return fault('codec/too-large', `${bytes.length} bytes are more than ${limits.maxBytes}`)
  }
  const walker = new Walker(bytes, limits)
  if (!walker.value(0)) return walker.fault
  if (walker.at !== bytes.length) {
    return fault('codec/non-canonical', `bytes follow the value at offset ${walker.at}`)
  }
  return undefined
}

class Walker {
  at = 0
  fault: Fault | undefined
  private items = 0
  /** Argument of the header last read: a count, a length, a tag or an integer's magnitude. */
  private argument = 0
  private readonly bytes: Uint8Array
  private readonly view: DataView
  private readonly limits: DecodeLimits

  constructor(bytes: Uint8Array, limits: DecodeLimits) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.limits = limits
  }

  /** Passes over one value that is inside `depth` containers. */
  value(depth: number): boolean {
    if (this.at >= this.bytes.length) return this.refuse('codec/truncated', 'the bytes end early')
    const major = this.bytes[this.at]! >> 5
    if (major === 7) return this.simple()
    if (!this.header()) return false
    switch (major) {
      case 2:
        return this.skip()
      case 3:
        return this.text()
      case 4:
        return this.array(depth)
      case 5:
        return this.map(depth)
      case 6:
        return this.link()
      default:
        return true
    }
  }

  private array(depth: number): boolean {
    const count = this.argument
    if (!this.enter(count, 1, depth)) return false
    for (let i = 0; i < count; i++) if (!this.value(depth + 1)) return false
    return true
  }

  private map(depth: number): boolean {
    const count = this.argument
    if (!this.enter(count, 2, depth)) return false
    let previous = -1
    let previousLength = 0
    for (let i = 0; i < count; i++) {
      if (this.bytes[this.at]! >> 5 !== 3) {
        return this.at < this.bytes.length
          ? this.refuse('codec/unsupported', 'a map key is not text')
          : this.refuse('codec/truncated', 'the bytes end inside a map')
      }
      if (!this.header()) return false
      const start = this.at
      const length = this.argument
      if (!this.text()) return false
      if (length === 9 && this.isProto(start)) {
        return this.refuse('codec/unsupported', 'the key `__proto__` is reserved')
      }
      if (previous >= 0 && !this.ascends(previous, previousLength, start, length)) {
        return this.refuse('codec/non-canonical', 'map keys are repeated or out of order')
      }
      previous = start
      previousLength = length
      if (!this.value(depth + 1)) return false
    }
    return true
  }

  /** Charges a container of `count` entries before anything is read from it. */
  private enter(count: number, perEntry: number, depth: number): boolean {
    if (depth >= this.limits.maxDepth) {
      return this.refuse('codec/too-deep', `nested deeper than ${this.limits.maxDepth}`)
    }
    // Each entry takes at least one byte per item, so a longer claim cannot be true.
    if (count * perEntry > this.bytes.length - this.at) {
      return this.refuse('codec/truncated', 'a count promises more than there is')
    }
    this.items += count * perEntry
    return this.items <= this.limits.maxItems
      ? true
      : this.refuse('codec/too-many-items', `more than ${this.limits.maxItems} items`)
  }

  private skip(): boolean {
    if (this.argument > this.bytes.length - this.at) {
      return this.refuse('codec/truncated', 'a length points past the end')
    }
    this.at += this.argument
    return true
  }

  private text(): boolean {
    const start = this.at
    if (!this.skip()) return false
    if (!checkUtf8(this.bytes, start, this.at)) {
      return this.refuse('codec/unsupported', 'a text is not valid UTF-8')
    }
    const { bytes } = this
    // Decoders drop the mark silently, which would give two byte strings one value.
    if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) {
      return this.at - start < 3
        ? true
        : this.refuse('codec/unsupported', 'a text starts with a byte order mark')
    }
    return true
  }

  private link(): boolean {
    if (this.argument !== 42) return this.refuse('codec/unsupported', 'a tag is not 42')
    if (this.bytes[this.at]! >> 5 !== 2) {
      return this.refuse('codec/unsupported', 'a link does not hold bytes')
    }
    if (!this.header()) return false
    const start = this.at
    if (!this.skip()) return false
    const content = this.bytes.subarray(start, this.at)
    if (content[0] !== 0) return this.refuse('codec/unsupported', 'a link lacks its leading zero')
    try {
      const id = content.subarray(1)
      if (equalBytes(CID.decode(id).bytes, id)) return true
      return this.refuse('codec/non-canonical', 'a link is not in its shortest form')
    } catch {
      return this.refuse('codec/unsupported', 'a link does not hold a content id')
    }
  }

  private simple(): boolean {
    const byte = this.bytes[this.at]!
    if (byte >= 0xf4 && byte <= 0xf6) {
      this.at += 1
      return true
    }
    if (byte === 0xf9 || byte === 0xfa) {
      return this.refuse('codec/non-canonical', 'a float is not 64 bits wide')
    }
    if (byte === 0xff) return this.refuse('codec/non-canonical', 'a length is left open')
    if (byte !== 0xfb) return this.refuse('codec/unsupported', 'a simple value is not in the model')
    if (this.bytes.length - this.at < 9) {
      return this.refuse('codec/truncated', 'the bytes end inside a float')
    }
    const float = this.view.getFloat64(this.at + 1)
    if (!Number.isFinite(float)) {
      return this.refuse('codec/unsupported', 'a float is not finite')
    }
    if (!this.limits.integralFloats && Number.isSafeInteger(float)) {
      return this.refuse('codec/non-canonical', 'an integer is written as a float')
    }
    this.at += 9
    return true
  }

  /** Reads the header at `at` into `argument`, in its shortest form only. */
  private header(): boolean {
    const info = this.bytes[this.at]! & 31
    if (info < 24) {
      this.argument = info
      this.at += 1
      return true
    }
    if (info > 27) return this.refuse('codec/non-canonical', 'a length is left open or reserved')
    const width = 1 << (info - 24)
    const start = this.at + 1
    if (this.bytes.length - start < width) {
      return this.refuse('codec/truncated', 'the bytes end inside a header')
    }
    this.at = start + width
    switch (info) {
      case 24:
        this.argument = this.bytes[start]!
        return this.argument >= 24 || this.notShortest()
      case 25:
        this.argument = this.view.getUint16(start)
        return this.argument >= 0x100 || this.notShortest()
      case 26:
        this.argument = this.view.getUint32(start)
        return this.argument >= 0x1_0000 || this.notShortest()
      default:
        // Past 2^53 the number is rounded, which is exact enough to be "longer than the input".
        this.argument = this.view.getUint32(start) * TWO_32 + this.view.getUint32(start + 4)
        return this.argument >= TWO_32 || this.notShortest()
    }
  }

  private notShortest(): boolean {
    return this.refuse('codec/non-canonical', 'a number is not in its shortest form')
  }

  /** Canonical key order: shorter first, then by byte; equal keys do not ascend. */
  private ascends(a: number, aLength: number, b: number, bLength: number): boolean {
    if (aLength !== bLength) return aLength < bLength
    for (let i = 0; i < aLength; i++) {
      const difference = this.bytes[a + i]! - this.bytes[b + i]!
      if (difference !== 0) return difference < 0
    }
    return false
  }

  private isProto(start: number): boolean {
    for (let i = 0; i < 9; i++) {
      if (this.bytes[start + i] !== '__proto__'.charCodeAt(i)) return false
    }
    return true
  }

  private refuse(code: CodecCode, message: string): false {
    this.fault = fault(code, `${message} (offset ${this.at})`)
    return false
  }
}

function fault(code: CodecCode, message: string): Fault {
  return { code, message }
}
