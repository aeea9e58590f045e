/**
 * One work unit: how often do two groups, dealt anew at random, differ in mean at least as much as
 * they really do? All in integers: with sums s₁ + s₂ = S over n₁ + n₂ = N birds,
 * |s₁/n₁ − s₂/n₂| ≥ observed exactly when |N·s₂ − n₂·S| ≥ |N·s₂' − n₂·S|.
 *
 * params: { groups: [[mm, …], [mm, …]], permutations: int }; output: { hits: int, trials: int }.
 */
import { find, position, read, readArray, readBytes, readInt, skip, write, writeInt, writeMap, writeText, written } from './cbor'
import { outputAt, scratchAt } from './memory'
import { randomBelow, seedRandom } from './random'
import * as text from './text'

export { alloc } from './memory'

/** Keeps a step at about 5 ms, and under 50 on a slow phone. */
const perStep: i64 = 25_000

let birds: i32 = 0
let second: i32 = 0
let total: i64 = 0
let observed: i64 = 0
let wanted: i64 = 0
let trials: i64 = 0
let hits: i64 = 0

export function begin(ptr: i32, len: i32): void {
  read(<usize>ptr, <usize>len)
  find(<usize>ptr, text.seed, 4)
  seedRandom(<u64>readInt())
  find(<usize>ptr, text.params, 6)
  const length = readBytes()
  const start = position()
  read(start, length)

  find(start, text.groups, 6)
  if (readArray() != 2) unreachable()
  const first = readGroup(0)
  second = readGroup(first)
  birds = first + second
  if (first == 0 || second == 0) unreachable()
  let sum: i64 = 0
  for (let bird = first; bird < birds; bird++) sum += value(bird)
  total = sum
  for (let bird = 0; bird < first; bird++) total += value(bird)
  observed = distance(sum)

  find(start, text.permutations, 12)
  wanted = readInt()
  if (wanted < 1) unreachable()
}

function readGroup(from: i32): i32 {
  const count = readArray()
  if (from + count > 1024) unreachable()
  for (let index = 0; index < count; index++) {
    const millimetres = readInt()
    if (millimetres < 0 || millimetres > 1_000_000) unreachable()
    store<i32>(scratchAt + (<usize>(from + index) << 2), <i32>millimetres)
  }
  return count
}

// @ts-ignore: decorator
@inline
function value(bird: i32): i32 {
  return load<i32>(scratchAt + (<usize>bird << 2))
}

// @ts-ignore: decorator
@inline
function distance(sum: i64): i64 {
  const difference = <i64>birds * sum - <i64>second * total
  return difference < 0 ? -difference : difference
}

export function step(): i32 {
  const until = min<i64>(wanted, trials + perStep)
  for (; trials < until; trials++) {
    // The first `second` places of a Fisher-Yates shuffle are a random group of that size.
    let sum: i64 = 0
    for (let place = 0; place < second; place++) {
      const other = place + <i32>randomBelow(<u32>(birds - place))
      const chosen = value(other)
      store<i32>(scratchAt + (<usize>other << 2), value(place))
      store<i32>(scratchAt + (<usize>place << 2), chosen)
      sum += chosen
    }
    if (distance(sum) >= observed) hits++
  }
  return trials >= wanted ? 1 : 0
}

export function output(): i64 {
  write(outputAt)
  writeMap(2)
  writeText(text.hits, 4)
  writeInt(hits)
  writeText(text.trials, 6)
  writeInt(trials)
  return written()
}
