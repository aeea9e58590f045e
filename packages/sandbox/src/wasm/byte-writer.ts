/**
 * Collects the bytes of a rewritten module.
 *
 * @module
 */
export class ByteWriter {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = 1024) {
    this.#bytes = new Uint8Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  raw(part: Uint8Array | readonly number[]): this {
    const needed = this.#length + part.length
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes.set(part, this.#length)
    this.#length = needed
    return this
  }

  u32(value: number): this {
    const bytes: number[] = []
    let rest = value
    do {
      const low = rest % 128
      rest = Math.floor(rest / 128)
      bytes.push(rest > 0 ? low | 0x80 : low)
    } while (rest > 0)
    return this.raw(bytes)
  }

  /** `content` after its length. */
  sized(content: Uint8Array): this {
    return this.u32(content.length).raw(content)
  }

  section(id: number, content: Uint8Array): this {
    return this.raw([id]).sized(content)
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}
