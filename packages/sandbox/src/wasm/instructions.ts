/**
 * Walks one function body: knows the length of every accepted instruction, refuses the others by
 * name, and finds the places where the bits of a NaN could become visible.
 *
 * Operand types are left to the engine's own validator, which runs on the rewritten module.
 *
 * @module
 */
import { moduleBounds } from './bounds.ts'
import { type ByteReader, malformed, Rejection } from './byte-reader.ts'

export const f32 = 0x7d
export const f64 = 0x7c

/** A float of this width is about to be observed at this offset. */
export interface Observation {
  readonly at: number
  readonly width: typeof f32 | typeof f64
}

export interface IndexSpaces {
  readonly types: number
  readonly functions: number
}

const prefixes: Readonly<Record<number, string>> = {
  251: 'garbage-collected types are',
  253: 'SIMD is',
  254: 'threads and atomics are',
}

const refusedOpcodes: Readonly<Record<number, string>> = {
  6: 'exceptions are',
  7: 'exceptions are',
  8: 'exceptions are',
  9: 'exceptions are',
  10: 'exceptions are',
  18: 'tail calls are',
  19: 'tail calls are',
  20: 'typed references are',
  21: 'typed references are',
  24: 'exceptions are',
  25: 'exceptions are',
  31: 'exceptions are',
  37: 'table access is',
  38: 'table access is',
}

/** What consumes a float on top of the stack and shows its bits: stores, reinterpretations, signs. */
const observers: Readonly<Record<number, typeof f32 | typeof f64>> = {
  56: f32, // f32.store
  57: f64, // f64.store
  152: f32, // f32.copysign, whose second operand gives its sign bit
  166: f64, // f64.copysign
  188: f32, // i32.reinterpret_f32
  189: f64, // i64.reinterpret_f64
}

function unsupported(what: string): never {
  throw new Rejection('sandbox/unsupported', `${what} not accepted in a study`)
}

export function isNumericType(type: number): boolean {
  return type >= 0x7c && type <= 0x7f
}

/** Reads to the end of the body, which must be its last `end`. */
export function scanBody(reader: ByteReader, spaces: IndexSpaces): Observation[] {
  const found: Observation[] = []
  let depth = 1
  while (depth > 0) {
    const at = reader.at
    const opcode = reader.byte()
    const width = observers[opcode]
    if (width !== undefined) found.push({ at, width })
    if (opcode >= 0x02 && opcode <= 0x04) {
      blockType(reader, spaces)
      depth += 1
      if (depth > moduleBounds.nesting) {
        throw new Rejection('sandbox/module-too-large', 'blocks are nested too deeply')
      }
    } else if (opcode === 0x0b) {
      depth -= 1
    } else {
      immediates(reader, opcode, spaces)
    }
  }
  if (!reader.done) malformed('a function has bytes after its end')
  return found
}

function blockType(reader: ByteReader, spaces: IndexSpaces): void {
  const first = reader.bytes[reader.at]
  if (first === 0x40 || (first !== undefined && isNumericType(first))) {
    reader.byte()
    return
  }
  const start = reader.at
  reader.skipSigned(33)
  // Only a type index may follow, and an index is not negative: bit 6 of its last byte is its sign.
  if ((reader.bytes[reader.at - 1]! & 0x40) !== 0)
    unsupported('blocks of reference or vector type are')
  reader.at = start
  typeIndex(reader, spaces)
}

function typeIndex(reader: ByteReader, spaces: IndexSpaces): void {
  if (reader.u32() >= spaces.types) malformed('a block or call names a type that does not exist')
}

function memoryZero(reader: ByteReader): void {
  if (reader.byte() !== 0) unsupported('a second memory is')
}

function immediates(reader: ByteReader, opcode: number, spaces: IndexSpaces): void {
  const refused = refusedOpcodes[opcode] ?? prefixes[opcode]
  if (refused !== undefined) unsupported(refused)
  if (opcode >= 0x45 && opcode <= 0xc4) return
  if (opcode >= 0x28 && opcode <= 0x3e) {
    // Bit 6 of the alignment announces a memory index.
    if (reader.u32() >= 0x40) unsupported('a second memory is')
    reader.u32()
    return
  }
  switch (opcode) {
    case 0x00: // unreachable
    case 0x01: // nop
    case 0x05: // else
    case 0x0f: // return
    case 0x1a: // drop
    case 0x1b: // select
      return
    case 0x0c: // br
    case 0x0d: // br_if
    case 0x20: // local.get, local.set, local.tee
    case 0x21:
    case 0x22:
    case 0x23: // global.get, global.set
    case 0x24:
      reader.u32()
      return
    case 0x0e: {
      const labels = reader.count('branch targets', moduleBounds.bytes)
      for (let index = 0; index <= labels; index++) reader.u32()
      return
    }
    case 0x10: // call; the appended functions lie beyond these and stay out of reach
      if (reader.u32() >= spaces.functions) malformed('a call names a function that does not exist')
      return
    case 0x11: // call_indirect
      typeIndex(reader, spaces)
      if (reader.u32() !== 0) unsupported('a second table is')
      return
    case 0x1c: // select with a type
      if (reader.count('selected types', 1) !== 1) malformed('a select names no type')
      if (!isNumericType(reader.byte())) unsupported('reference and vector types are')
      return
    case 0x3f: // memory.size
      memoryZero(reader)
      return
    case 0x40:
      throw new Rejection(
        'sandbox/memory',
        'memory.grow is not accepted: machines would disagree on when it fails; declare what is needed',
      )
    case 0x41: // i32.const
      reader.skipSigned(32)
      return
    case 0x42: // i64.const
      reader.skipSigned(64)
      return
    case 0x43: // f32.const
      reader.skip(4)
      return
    case 0x44: // f64.const
      reader.skip(8)
      return
    case 0xfc:
      extended(reader)
      return
    default:
      if (opcode >= 0xd0) unsupported('references are')
      malformed(`there is no instruction 0x${opcode.toString(16)}`)
  }
}

function extended(reader: ByteReader): void {
  const opcode = reader.u32()
  if (opcode <= 7) return // saturating truncations
  switch (opcode) {
    case 8: // memory.init
      reader.u32()
      memoryZero(reader)
      return
    case 9: // data.drop
      reader.u32()
      return
    case 10: // memory.copy
      memoryZero(reader)
      memoryZero(reader)
      return
    case 11: // memory.fill
      memoryZero(reader)
      return
    default:
      if (opcode <= 17) unsupported('instructions on tables are')
      malformed(`there is no instruction 0xfc ${opcode}`)
  }
}
