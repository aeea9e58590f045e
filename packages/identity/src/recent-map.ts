/**
 * A map that forgets what was used least recently.
 *
 * @module
 */
export interface RecentMap<Key, Value> {
  get(key: Key): Value | undefined
  /** Keeps `value` and returns it. */
  set(key: Key, value: Value): Value
}

/** Holds at most `max` entries. */
export function createRecentMap<Key, Value>(max: number): RecentMap<Key, Value> {
  // A Map iterates in the order of insertion, so the first entry is the oldest.
  const entries = new Map<Key, Value>()
  const put = (key: Key, value: Value): Value => {
    entries.delete(key)
    entries.set(key, value)
    return value
  }
  return {
    get: (key) => {
      const value = entries.get(key)
      return value === undefined ? undefined : put(key, value)
    },
    set: (key, value) => {
      put(key, value)
      if (entries.size > max) entries.delete(entries.keys().next().value!)
      return value
    },
  }
}
