/**
 * Parses a whole module, in one pass and without recursion.
 *
 * @module
 */
import { moduleBounds } from './bounds.ts'
import { ByteReader, malformed, Rejection } from './byte-reader.ts'
import { isNumericType, type Observation, scanBody } from './instructions.ts'
import {
  type Export,
  type FunctionType,
  readData,
  readElements,
  readExports,
  readFunctions,
  readGlobals,
  readMemory,
  readTable,
  readTypes,
} from './sections.ts'

export const section = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const

/** The order in which sections stand: `dataCount` comes before `code`, `tag` after `memory`. */
const order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]

export interface Body {
  readonly from: number
  readonly to: number
  readonly observations: readonly Observation[]
}

export interface ParsedModule {
  readonly types: readonly FunctionType[]
  /** The type of each function. */
  readonly functions: readonly number[]
  readonly memoryPages: number
  readonly exports: ReadonlyMap<string, Export>
  readonly bodies: readonly Body[]
  /** Content of each section that is kept, by id, in the order in which they stood. */
  readonly sections: ReadonlyMap<number, Uint8Array>
}

export function readModule(bytes: Uint8Array, mostPages: number): ParsedModule {
  const reader = new ByteReader(bytes)
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]
  if (header.some((byte) => reader.byte() !== byte))
    malformed('not a WebAssembly module, version 1')

  const sections = new Map<number, Uint8Array>()
  let types: FunctionType[] = []
  let functions: number[] = []
  let tableEntries = 0
  let memoryPages: number | undefined
  let exports = new Map<string, Export>()
  let bodies: Body[] = []
  let dataCount: number | undefined
  let segments = 0
  let position = -1

  while (!reader.done) {
    const id = reader.byte()
    const part = reader.part(reader.u32())
    const content = bytes.subarray(part.at, part.end)
    if (id === section.custom) {
      part.name()
      continue
    }
    const next = order.indexOf(id)
    if (next < 0) malformed(`there is no section ${id}`)
    if (next <= position) malformed(`section ${id} is doubled or out of order`)
    position = next
    switch (id) {
      case section.type:
        types = readTypes(part)
        break
      case section.import:
        if (part.u32() > 0) throw new Rejection('sandbox/imports', 'a study gets no imports')
        break
      case section.function:
        functions = readFunctions(part, types.length)
        break
      case section.table:
        tableEntries = readTable(part)
        break
      case section.memory:
        memoryPages = readMemory(part, mostPages)
        break
      case section.global:
        readGlobals(part)
        break
      case section.export:
        exports = readExports(part)
        break
      case section.start:
        throw new Rejection('sandbox/start-function', 'a study has no start function')
      case section.element:
        readElements(part, functions.length, tableEntries)
        break
      case section.code:
        bodies = readCode(part, types, functions)
        break
      case section.dataCount:
        dataCount = part.u32()
        break
      case section.data:
        segments = readData(part, memoryPages ?? 0)
        break
      default:
        throw new Rejection('sandbox/unsupported', 'exceptions are not accepted in a study')
    }
    if (!part.done) malformed(`section ${id} has bytes after its end`)
    if (id !== section.import) sections.set(id, content)
  }
  if (memoryPages === undefined)
    throw new Rejection('sandbox/memory', 'a study has exactly one memory')
  if (bodies.length !== functions.length) malformed('a function has no body')
  if (dataCount !== undefined && dataCount !== segments)
    malformed('the data segments are miscounted')
  return { types, functions, memoryPages, exports, bodies, sections }
}

function readCode(
  reader: ByteReader,
  types: readonly FunctionType[],
  functions: readonly number[],
): Body[] {
  const count = reader.count('functions', moduleBounds.functions, 3)
  if (count !== functions.length) malformed('functions and bodies differ in number')
  const spaces = { types: types.length, functions: functions.length }
  let allLocals = 0
  return functions.map((type) => {
    const body = reader.part(reader.u32())
    const from = body.at
    const locals = readLocals(body, types[type]!.parameters.length)
    allLocals += locals
    if (locals > moduleBounds.locals || allLocals > moduleBounds.allLocals) {
      throw new Rejection('sandbox/module-too-large', 'too many local variables')
    }
    return { from, to: body.end, observations: scanBody(body, spaces) }
  })
}

function readLocals(reader: ByteReader, parameters: number): number {
  let locals = parameters
  const groups = reader.count('local variables', moduleBounds.locals, 2)
  for (let group = 0; group < groups; group++) {
    locals += reader.u32()
    if (!isNumericType(reader.byte())) {
      throw new Rejection(
        'sandbox/unsupported',
        'locals of reference or vector type are not accepted',
      )
    }
  }
  return locals
}
