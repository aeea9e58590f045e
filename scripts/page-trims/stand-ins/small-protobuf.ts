/**
 * Stands in for `protons-runtime`, the reader and writer under libp2p's generated codecs: with the
 * types of field that those codecs have (varints, bytes, text) and without floats, fixed widths,
 * zigzag and streaming. The bytes are the same, and so is what is read from them; what is cut off
 * or has a varint of more than ten bytes fails, as it does there.
 *
 * @module
 */
type Encode = (value: never, writer: Writer, options?: { lengthDelimited: boolean }) => void
type Decode = (reader: Reader, length?: number, options?: unknown) => unknown

interface Codec {
  readonly encode: Encode
  readonly decode: Decode
}

const text = new TextEncoder()
const words = new TextDecoder('utf-8', { ignoreBOM: true })

class Reader {
  pos = 0
  readonly len: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.len = bytes.length
  }

  uint64(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.pos++]
      if (byte === undefined) break
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asUintN(64, value)
    }
    throw new RangeError('a varint is cut off, or too long')
  }

  uint32(): number {
    // Nearly all are one byte; the others may take their time.
    const first = this.#bytes[this.pos]
    if (first !== undefined && first < 128) {
      this.pos += 1
      return first
    }
    return Number(BigInt.asUintN(32, this.uint64()))
  }

  uint64Number(): number {
    const value = Number(this.uint64())
    if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('Could not decode varint')
    return value
  }

  bool(): boolean {
    return this.uint32() !== 0
  }

  bytes(): Uint8Array {
    const length = this.uint32()
    const start = this.pos
    this.#skip(length)
    return this.#bytes.subarray(start, this.pos)
  }

  string(): string {
    return words.decode(this.bytes())
  }

  skipType(type: number): void {
    if (type === 0) this.uint64()
    else if (type === 1) this.#skip(8)
    else if (type === 2) this.#skip(this.uint32())
    else if (type === 5) this.#skip(4)
    else throw new Error(`invalid wire type ${type} at offset ${this.pos}`)
  }

  #skip(length: number): void {
    if (this.pos + length > this.len) throw new RangeError('index out of range')
    this.pos += length
  }
}

interface Level {
  readonly parts: Uint8Array[]
  length: number
}

class Writer {
  #level: Level = { parts: [], length: 0 }
  readonly #outer: Level[] = []

  #put(part: Uint8Array): this {
    this.#level.parts.push(part)
    this.#level.length += part.length
    return this
  }

  uint64(value: bigint): this {
    const bytes: number[] = []
    let rest = BigInt.asUintN(64, value)
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
    return this.#put(Uint8Array.from([...bytes, Number(rest)]))
  }

  uint64Number(value: number): this {
    return this.uint64(BigInt(value))
  }

  uint32(value: number): this {
    return value < 128 ? this.#put(Uint8Array.of(value)) : this.uint64(BigInt(value >>> 0))
  }

  bool(value: boolean): this {
    return this.uint32(value ? 1 : 0)
  }

  bytes(value: Uint8Array): this {
    return this.uint32(value.length).#put(value)
  }

  string(value: string): this {
    return this.bytes(text.encode(value))
  }

  /** What follows, until `ldelim`, is written with its length before it. */
  fork(): this {
    this.#outer.push(this.#level)
    this.#level = { parts: [], length: 0 }
    return this
  }

  ldelim(): this {
    const { parts, length } = this.#level
    this.#level = this.#outer.pop()!
    this.uint32(length)
    for (const part of parts) this.#put(part)
    return this
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#level.length)
    let at = 0
    for (const part of this.#level.parts) {
      whole.set(part, at)
      at += part.length
    }
    return whole
  }
}

export const message = (encode: Encode, decode: Decode): Codec => ({ encode, decode })

/** `values` maps names to numbers and numbers to names. */
export function enumeration(values: Readonly<Record<string, string | number>>): Codec {
  const find = (value: string | number) => {
    const found = values[value]
    if (found == null) throw new Error('Invalid enum value')
    return found
  }
  return {
    encode: (value, writer) => void writer.uint32(find(value) as number),
    decode: (reader) => find(reader.uint32()),
  }
}

export function encodeMessage(value: never, codec: Codec): Uint8Array {
  const writer = new Writer()
  codec.encode(value, writer, { lengthDelimited: false })
  return writer.finish()
}

export function decodeMessage(
  bytes: Uint8Array | { subarray(): Uint8Array },
  codec: Codec,
  options?: unknown,
): unknown {
  const whole = bytes instanceof Uint8Array ? bytes : bytes.subarray()
  return codec.decode(new Reader(whole), undefined, options)
}

export function streamMessage(): never {
  throw new Error('decoding in a stream is left out of the page')
}

export class MaxLengthError extends Error {
  override name = 'MaxLengthError'
  code = 'ERR_MAX_LENGTH'
}

export class MaxSizeError extends Error {
  override name = 'MaxSizeError'
  code = 'ERR_MAX_SIZE'
}
