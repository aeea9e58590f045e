/**
 * Stands in for `denque`, of which gossipsub uses these four methods: messages it has seen, in the
 * order in which they are forgotten.
 *
 * @module
 */
export class PlainQueue<T> {
  #items: T[] = []
  #head = 0

  push(item: T): number {
    this.#items.push(item)
    return this.#items.length - this.#head
  }

  peekFront(): T | undefined {
    return this.#items[this.#head]
  }

  shift(): T | undefined {
    const item = this.#items[this.#head]
    if (this.#head < this.#items.length) this.#head += 1
    // What was taken is let go in one go, so that taking stays cheap.
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  clear(): void {
    this.#items = []
    this.#head = 0
  }
}
