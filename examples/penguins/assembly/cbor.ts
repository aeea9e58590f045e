/**
 * As much DAG-CBOR as a study needs: a cursor over the input, a writer for the output. Anything
 * unexpected traps, which the host counts as "no result".
 */

const unsigned: i32 = 0
const negative: i32 = 1
const byteString: i32 = 2
const textString: i32 = 3
const array: i32 = 4
const map: i32 = 5

/** The next byte to read, and the end of what may be read. */
let at: usize = 0
let end: usize = 0

export function read(from: usize, length: usize): void {
  at = from
  end = from + length
}

export function position(): usize {
  return at
}

function take(length: usize): usize {
  if (length > end - at) unreachable()
  const start = at
  at += length
  return start
}

/** The major type of the last head; `argument` holds its number. */
let argument: u64 = 0

function head(): i32 {
  const first = <i32>load<u8>(take(1))
  const info = first & 31
  if (info < 24) argument = info
  else if (info == 24) argument = load<u8>(take(1))
  else if (info == 25) argument = bswap<u16>(load<u16>(take(2)))
  else if (info == 26) argument = bswap<u32>(load<u32>(take(4)))
  else if (info == 27) argument = bswap<u64>(load<u64>(take(8)))
  else unreachable()
  return first >> 5
}

export function readInt(): i64 {
  const major = head()
  if (argument > <u64>i64.MAX_VALUE) unreachable()
  if (major == unsigned) return <i64>argument
  if (major == negative) return -1 - <i64>argument
  return unreachable()
}

/** Enters an array; its items follow. */
export function readArray(): i32 {
  if (head() != array || argument > 0xfffff) unreachable()
  return <i32>argument
}

/** Reads a byte string's head, and leaves the cursor at its first byte. */
export function readBytes(): usize {
  if (head() != byteString || argument > <u64>(end - at)) unreachable()
  return <usize>argument
}

/** Skips one value with all that it holds. */
export function skip(): void {
  let open: i64 = 1
  while (open > 0) {
    const major = head()
    open -= 1
    if (major == byteString || major == textString) {
      if (argument > <u64>(end - at)) unreachable()
      at += <usize>argument
    } else if (major == array || major == map) {
      if (argument > <u64>(end - at)) unreachable()
      open += <i64>argument * (major == map ? 2 : 1)
    } else if (major == 6) open += 1
  }
}

/** Goes to the value of a key in the map that starts at `start`; traps where it is missing. */
export function find(start: usize, key: usize, keyLength: i32): void {
  at = start
  if (head() != map) unreachable()
  for (let left = argument; left > 0; left--) {
    if (head() != textString || argument > <u64>(end - at)) unreachable()
    const found = take(<usize>argument)
    if (<i32>argument == keyLength && memory.compare(found, key, <usize>keyLength) == 0) return
    skip()
  }
  unreachable()
}

let out: usize = 0
let outStart: usize = 0

export function write(to: usize): void {
  out = to
  outStart = to
}

/** What was written, as the ABI wants it. */
export function written(): i64 {
  return (<i64>outStart << 32) | <i64>(out - outStart)
}

function writeHead(major: i32, value: u64): void {
  if (value < 24) {
    store<u8>(out++, (major << 5) | <i32>value)
    return
  }
  const size = value < 0x100 ? 0 : value < 0x10000 ? 1 : value < 0x100000000 ? 2 : 3
  store<u8>(out++, (major << 5) | (24 + size))
  for (let left = (1 << size) - 1; left >= 0; left--) store<u8>(out++, <u8>(value >> (8 * left)))
}

export function writeMap(entries: i32): void {
  writeHead(map, entries)
}

export function writeText(text: usize, length: i32): void {
  writeHead(textString, length)
  memory.copy(out, text, length)
  out += length
}

export function writeInt(value: i64): void {
  if (value < 0) writeHead(negative, ~value)
  else writeHead(unsigned, value)
}

/** A float; a whole number becomes an integer, as DAG-CBOR's JavaScript codec would write it. */
export function writeFloat(value: f64): void {
  if (value == floor(value) && abs(value) < 9007199254740992) {
    writeInt(<i64>value)
    return
  }
  store<u8>(out++, 0xfb)
  store<u64>(out, bswap<u64>(reinterpret<u64>(value)))
  out += 8
}
