/**
 * Imported public keys, kept because importing one costs a good part of a verification.
 *
 * @module
 */
import { toHex } from '@folkmoot/codec'

/** More than the members of the largest federation we aim at; about 1 MB. */
const MAX_KEYS = 2048

/**
 * Remembers what `load` made of a key; the least recently used goes first. What throws or rejects
 * is not kept.
 */
export function cacheKeys<Key>(load: (publicKey: Uint8Array) => Key): typeof load {
  const keys = new Map<string, Key>()
  return (publicKey) => {
    const name = toHex(publicKey)
    const known = keys.get(name)
    const key = known ?? load(publicKey.slice())
    keys.delete(name)
    keys.set(name, key)
    if (keys.size > MAX_KEYS) keys.delete(keys.keys().next().value!)
    if (known === undefined && key instanceof Promise) key.catch(() => keys.delete(name))
    return key
  }
}
