/**
 * Decides whether a study's WebAssembly may run, and rewrites it so that it runs alike everywhere.
 *
 * Takes hostile bytes and answers with a {@link Verdict}. What it accepts has zero imports, one
 * memory that cannot grow, no start function and exactly the five exports of the steps ABI; floats
 * are canonicalised (see `canonical-nan.ts`) and custom sections dropped. The same bytes give the
 * same result on every engine.
 *
 * @module
 */
import { type Refused, refuse, type Verdict } from '@folkmoot/base'
import { moduleBounds } from './wasm/bounds.ts'
import { Rejection } from './wasm/byte-reader.ts'
import { ByteWriter } from './wasm/byte-writer.ts'
import { canonicalBodies, canonicaliseBody, canonicalTypes } from './wasm/canonical-nan.ts'
import { type ParsedModule, readModule, section } from './wasm/read-module.ts'

export interface PrepareLimits {
  /** Pages of 64 KiB that the study may declare; never above 4,096. */
  readonly memoryPages: number
  /** Bytes of the module; never above, and by default, 2 MiB. */
  readonly maxBytes?: number
}

export interface PreparedModule {
  /** The module to instantiate, with an empty import object. */
  readonly code: Uint8Array
  readonly memoryPages: number
}

const i32 = 0x7f
const i64 = 0x7e
const functionKind = 0
const memoryKind = 2

const abi: readonly {
  name: string
  parameters: readonly number[]
  results: readonly number[]
  text: string
}[] = [
  { name: 'alloc', parameters: [i32], results: [i32], text: '(i32) -> i32' },
  { name: 'begin', parameters: [i32, i32], results: [], text: '(i32, i32) -> ()' },
  { name: 'step', parameters: [], results: [i32], text: '() -> i32' },
  { name: 'output', parameters: [], results: [i64], text: '() -> i64' },
]

/** Checks and rewrites `wasm`; never throws, and leaves `wasm` as it is. */
export function prepareModule(wasm: Uint8Array, limits: PrepareLimits): Verdict<PreparedModule> {
  const mostBytes = Math.min(limits.maxBytes ?? moduleBounds.bytes, moduleBounds.bytes)
  if (wasm.length > mostBytes) {
    return problem(
      'sandbox/module-too-large',
      `${wasm.length} bytes; at most ${mostBytes} are allowed`,
    )
  }
  try {
    const module = readModule(wasm, Math.min(limits.memoryPages, moduleBounds.memoryPages))
    checkExports(module)
    const code = rewrite(wasm, module)
    // The parser knows structure; operand types are the engine's trade, alike in all of them for
    // the instructions that the parser lets through.
    if (!WebAssembly.validate(code as BufferSource)) {
      return problem('sandbox/malformed-module', 'an instruction has operands of the wrong type')
    }
    return { ok: true, code, memoryPages: module.memoryPages }
  } catch (error) {
    if (error instanceof Rejection) return problem(error.code, error.message)
    throw error
  }
}

function problem(code: Rejection['code'], message: string): Refused {
  return refuse(code, message)
}

function checkExports(module: ParsedModule): void {
  if (
    module.exports.get('memory')?.kind !== memoryKind ||
    module.exports.get('memory')?.index !== 0
  ) {
    throw new Rejection('sandbox/exports', 'the export memory is missing')
  }
  for (const { name, parameters, results, text } of abi) {
    const found = module.exports.get(name)
    const type = found?.kind === functionKind ? module.functions[found.index] : undefined
    const actual = type === undefined ? undefined : module.types[type]!
    if (
      actual === undefined ||
      actual.parameters.join() !== parameters.join() ||
      actual.results.join() !== results.join()
    ) {
      throw new Rejection('sandbox/exports', `the export ${name} must be a function ${text}`)
    }
  }
}

function rewrite(wasm: Uint8Array, module: ParsedModule): Uint8Array {
  const floats = module.bodies.some((body) => body.observations.length > 0)
  const out = new ByteWriter(wasm.length + 1024).raw(wasm.subarray(0, 8))
  for (const [id, content] of module.sections) {
    if (id === section.export) out.section(id, exportSection(module))
    else if (!floats) out.section(id, content)
    else if (id === section.type) out.section(id, appended(content, canonicalTypes))
    else if (id === section.function) {
      const [first, second] = [module.types.length, module.types.length + 1]
      const indices = [first, second].map((index) => new ByteWriter(8).u32(index).done())
      out.section(id, appended(content, indices))
    } else if (id === section.code) out.section(id, codeSection(wasm, module))
    else out.section(id, content)
  }
  return out.done()
}

/** A vector section with more elements at its end. */
function appended(content: Uint8Array, more: readonly ArrayLike<number>[]): Uint8Array {
  let at = 0
  let count = 0
  for (let shift = 0; ; shift += 7) {
    const byte = content[at++]!
    count += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  const out = new ByteWriter(content.length + 64).u32(count + more.length).raw(content.subarray(at))
  for (const element of more) out.raw(Uint8Array.from(element))
  return out.done()
}

function codeSection(wasm: Uint8Array, module: ParsedModule): Uint8Array {
  const out = new ByteWriter(wasm.length).u32(module.bodies.length + canonicalBodies.length)
  for (const { from, to, observations } of module.bodies) {
    out.sized(canonicaliseBody(wasm, from, to, observations, module.functions.length))
  }
  for (const body of canonicalBodies) out.sized(body)
  return out.done()
}

/** Only the ABI is exported: a host that looks for nothing else cannot be handed anything else. */
function exportSection(module: ParsedModule): Uint8Array {
  const out = new ByteWriter(128).u32(abi.length + 1)
  for (const name of ['memory', ...abi.map((entry) => entry.name)]) {
    const { kind, index } = module.exports.get(name)!
    out.sized(new TextEncoder().encode(name)).raw([kind]).u32(index)
  }
  return out.done()
}
