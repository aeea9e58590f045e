/**
 * The end of a range of keys with a common prefix, where keys compare by UTF-16 code unit.
 *
 * @module
 */

/** The smallest key above every key that starts with `prefix`; undefined when there is none. */
export function prefixEnd(prefix: string): string | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    const unit = prefix.charCodeAt(i)
    if (unit < 0xffff) return prefix.slice(0, i) + String.fromCharCode(unit + 1)
  }
  return undefined
}

/** Log names become file names and index keys. */
export function isLogName(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(name)
}
