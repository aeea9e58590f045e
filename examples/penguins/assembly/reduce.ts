/**
 * The answer so far: hits over trials of all units, with Wilson's 99.9 % interval
 * (Wilson 1927; z = 3.290526731491894).
 *
 * blocks: [encode([[unit, output], …])]; output: { low, done, high, hits, trials, estimate }.
 */
import { find, position, read, readArray, readBytes, readInt, write, writeFloat, writeInt, writeMap, writeText, written } from './cbor'
import { outputAt } from './memory'
import * as text from './text'

export { alloc } from './memory'

const z: f64 = 3.290526731491894

let done: i64 = 0
let hits: i64 = 0
let trials: i64 = 0

export function begin(ptr: i32, len: i32): void {
  read(<usize>ptr, <usize>len)
  find(<usize>ptr, text.blocks, 6)
  if (readArray() != 1) unreachable()
  const length = readBytes()
  const end = position() + length
  read(position(), length)
  const rows = readArray()
  for (let row = 0; row < rows; row++) {
    if (readArray() != 2) unreachable()
    readInt()
    const size = readBytes()
    const start = position()
    read(start, size)
    find(start, text.hits, 4)
    hits += readInt()
    find(start, text.trials, 6)
    trials += readInt()
    done++
    read(start + size, end - start - size)
  }
}

export function step(): i32 {
  return 1
}

export function output(): i64 {
  let estimate: f64 = 0
  let low: f64 = 0
  let high: f64 = 1
  if (trials > 0) {
    const n = <f64>trials
    estimate = <f64>hits / n
    const scale = 1 + (z * z) / n
    const centre = (estimate + (z * z) / (2 * n)) / scale
    const half = (z * sqrt((estimate * (1 - estimate)) / n + (z * z) / (4 * n * n))) / scale
    low = max<f64>(0, centre - half)
    high = min<f64>(1, centre + half)
  }
  write(outputAt)
  writeMap(6)
  writeText(text.low, 3)
  writeFloat(low)
  writeText(text.done, 4)
  writeInt(done)
  writeText(text.high, 4)
  writeFloat(high)
  writeText(text.hits, 4)
  writeInt(hits)
  writeText(text.trials, 6)
  writeInt(trials)
  writeText(text.estimate, 8)
  writeFloat(estimate)
  return written()
}
