/**
 * Runs asynchronous tasks one after another, in the order they were given.
 *
 * @module
 */

export type Serial = <T>(task: () => Promise<T>) => Promise<T>

export function createSerial(): Serial {
  let tail: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = tail.then(task)
    tail = result.catch(() => {})
    return result
  }
}
