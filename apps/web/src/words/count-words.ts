/**
 * Numbers and lists as English says them.
 *
 * @module
 */
export const plural = (n: number, one: string, many: string): string =>
  `${n} ${n === 1 ? one : many}`

export const list = (items: readonly string[]): string =>
  items.length < 2
    ? (items[0] ?? '')
    : `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`
