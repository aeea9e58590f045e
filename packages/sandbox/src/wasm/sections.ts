/**
 * Reads the sections that describe a module: types, memory, table, globals, exports, segments.
 * Each reader checks what instantiation would otherwise trap on.
 *
 * @module
 */
import { moduleBounds } from './bounds.ts'
import { type ByteReader, malformed, Rejection } from './byte-reader.ts'
import { isNumericType } from './instructions.ts'

export interface FunctionType {
  readonly parameters: readonly number[]
  readonly results: readonly number[]
}

export interface Export {
  readonly name: string
  readonly kind: number
  readonly index: number
}

const pageBytes = 65_536

export function readTypes(reader: ByteReader): FunctionType[] {
  const count = reader.count('types', moduleBounds.types, 3)
  return Array.from({ length: count }, () => {
    if (reader.byte() !== 0x60) {
      throw new Rejection(
        'sandbox/unsupported',
        'only plain function types are accepted in a study',
      )
    }
    const parameters = numericTypes(reader, 'parameters', moduleBounds.parameters)
    return { parameters, results: numericTypes(reader, 'results', moduleBounds.results) }
  })
}

function numericTypes(reader: ByteReader, what: string, most: number): number[] {
  return Array.from({ length: reader.count(what, most) }, () => {
    const type = reader.byte()
    if (!isNumericType(type)) {
      const name = type === 0x7b ? 'SIMD is' : 'reference types are'
      throw new Rejection('sandbox/unsupported', `${name} not accepted in a study`)
    }
    return type
  })
}

/** The type index of each function. */
export function readFunctions(reader: ByteReader, types: number): number[] {
  return Array.from({ length: reader.count('functions', moduleBounds.functions) }, () => {
    const type = reader.u32()
    if (type >= types) malformed('a function names a type that does not exist')
    return type
  })
}

/** Entries of the one table. */
export function readTable(reader: ByteReader): number {
  if (reader.count('tables', moduleBounds.segments) === 0) return 0
  if (reader.byte() !== 0x70) {
    throw new Rejection('sandbox/unsupported', 'only a table of functions is accepted in a study')
  }
  const flags = reader.byte()
  if (flags > 1) malformed('the table has unknown flags')
  const least = reader.u32()
  if (flags === 1 && reader.u32() < least) malformed('the table ends before it starts')
  if (least > moduleBounds.tableEntries) {
    throw new Rejection('sandbox/module-too-large', `the table has ${least} entries`)
  }
  if (!reader.done)
    throw new Rejection('sandbox/unsupported', 'a second table is not accepted in a study')
  return least
}

/** Pages of the one memory, whose minimum and maximum must agree. */
export function readMemory(reader: ByteReader, mostPages: number): number {
  const refused = (message: string) => new Rejection('sandbox/memory', message)
  if (reader.count('memories', moduleBounds.segments) !== 1) {
    throw refused('a study has exactly one memory')
  }
  const flags = reader.byte()
  if (flags === 0) throw refused('the memory has no maximum; minimum and maximum must be equal')
  if (flags !== 1) throw refused('shared and 64-bit memories are not accepted in a study')
  const least = reader.u32()
  const most = reader.u32()
  if (least !== most) throw refused(`the memory may grow from ${least} to ${most} pages`)
  if (least > mostPages)
    throw refused(`the memory has ${least} pages, the study allows ${mostPages}`)
  return least
}

const constants: Readonly<Record<number, number>> = { 127: 0x41, 126: 0x42, 125: 0x43, 124: 0x44 }

export function readGlobals(reader: ByteReader): number {
  const count = reader.count('globals', moduleBounds.globals, 5)
  for (let index = 0; index < count; index++) {
    const type = reader.byte()
    if (!isNumericType(type)) {
      throw new Rejection(
        'sandbox/unsupported',
        'globals of reference or vector type are not accepted',
      )
    }
    if (reader.byte() > 1) malformed('a global has unknown flags')
    if (reader.byte() !== constants[type]) malformed('a global does not start with a constant')
    if (type === 0x7f) reader.skipSigned(32)
    else if (type === 0x7e) reader.skipSigned(64)
    else reader.skip(type === 0x7d ? 4 : 8)
    if (reader.byte() !== 0x0b) malformed('a global has more than a constant')
  }
  return count
}

export function readExports(reader: ByteReader): Map<string, Export> {
  const count = reader.count('exports', moduleBounds.exports, 3)
  const exports = new Map<string, Export>()
  for (let position = 0; position < count; position++) {
    const name = reader.name()
    if (exports.has(name)) throw new Rejection('sandbox/exports', 'an export is named twice')
    exports.set(name, { name, kind: reader.byte(), index: reader.u32() })
  }
  return exports
}

/** Element segments: active, of function indices, inside the table. */
export function readElements(reader: ByteReader, functions: number, tableEntries: number): void {
  const count = reader.count('element segments', moduleBounds.segments, 4)
  for (let index = 0; index < count; index++) {
    if (reader.u32() !== 0) {
      throw new Rejection(
        'sandbox/unsupported',
        'passive and typed element segments are not accepted',
      )
    }
    const start = offset(reader)
    const entries = reader.count('table entries', moduleBounds.tableEntries)
    if (start + entries > tableEntries) {
      throw new Rejection('sandbox/segment', 'an element segment lies outside the table')
    }
    for (let entry = 0; entry < entries; entry++) {
      if (reader.u32() >= functions) malformed('the table names a function that does not exist')
    }
  }
}

/** Data segments: active ones inside the memory. */
export function readData(reader: ByteReader, memoryPages: number): number {
  const count = reader.count('data segments', moduleBounds.segments, 2)
  for (let index = 0; index < count; index++) {
    const flags = reader.u32()
    if (flags > 2) malformed('a data segment has unknown flags')
    if (flags === 2 && reader.u32() !== 0) {
      throw new Rejection('sandbox/unsupported', 'a second memory is not accepted in a study')
    }
    const start = flags === 1 ? 0 : offset(reader)
    const length = reader.u32()
    reader.skip(length)
    if (flags !== 1 && start + length > memoryPages * pageBytes) {
      throw new Rejection('sandbox/segment', 'a data segment lies outside the memory')
    }
  }
  return count
}

function offset(reader: ByteReader): number {
  if (reader.byte() !== 0x41) malformed('a segment does not start at a constant')
  const start = reader.s32() >>> 0
  if (reader.byte() !== 0x0b) malformed('a segment starts at more than a constant')
  return start
}
