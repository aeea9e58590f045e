/**
 * Stands in for `@libp2p/utils`' scalable cuckoo filter, a set that saves memory by sometimes
 * claiming to hold what it does not. A tab remembers a handful of its own observed addresses in it;
 * an exact set is smaller and never wrong.
 *
 * @module
 */
const keyOf = (item: string | Uint8Array): string =>
  typeof item === 'string' ? item : `:${item.join()}`

/** More than a tab ever meets; then it starts anew, which only means that something is looked at twice. */
const maxItems = 4_096

export class ScalableCuckooFilter {
  readonly #items = new Set<string>()

  get count(): number {
    return this.#items.size
  }

  add(item: string | Uint8Array): boolean {
    if (this.#items.size >= maxItems) this.#items.clear()
    this.#items.add(keyOf(item))
    return true
  }

  has(item: string | Uint8Array): boolean {
    return this.#items.has(keyOf(item))
  }

  remove(item: string | Uint8Array): boolean {
    return this.#items.delete(keyOf(item))
  }
}

export const createScalableCuckooFilter = (): ScalableCuckooFilter => new ScalableCuckooFilter()
