/**
 * A map as it was before some of its places were written: a live view of the map and of what those
 * places held.
 *
 * @module
 */

/**
 * Reads `now`, except where `replaced` says what stood there before; undefined there means that
 * nothing did. The order is that of `now`, then what is gone from it.
 */
export class FinalMap<Value> implements ReadonlyMap<string, Value> {
  readonly #now: ReadonlyMap<string, Value>
  readonly #replaced: () => ReadonlyMap<string, Value | undefined>

  constructor(
    now: ReadonlyMap<string, Value>,
    replaced: () => ReadonlyMap<string, Value | undefined>,
  ) {
    this.#now = now
    this.#replaced = replaced
  }

  get size(): number {
    return [...this].length
  }

  get(id: string): Value | undefined {
    const replaced = this.#replaced()
    return replaced.has(id) ? replaced.get(id) : this.#now.get(id)
  }

  has(id: string): boolean {
    return this.get(id) !== undefined
  }

  *[Symbol.iterator](): MapIterator<[string, Value]> {
    for (const [id, value] of new Map([...this.#now, ...this.#replaced()])) {
      if (value !== undefined) yield [id, value]
    }
  }

  *keys(): MapIterator<string> {
    for (const [id] of this) yield id
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this) yield value
  }

  entries(): MapIterator<[string, Value]> {
    return this[Symbol.iterator]()
  }

  forEach(each: (value: Value, id: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [id, value] of this) each(value, id, this)
  }
}
