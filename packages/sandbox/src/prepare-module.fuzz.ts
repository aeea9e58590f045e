/**
 * Fuzz target: the module parser. Whatever the bytes, it answers; and what it accepts loads with
 * zero imports, exports the ABI alone, and is accepted again.
 *
 * @module
 */
import { assembleStudy } from './fixtures/wat-study.ts'
import { type PreparedModule, prepareModule } from './prepare-module.ts'

export const name = 'sandbox/prepare-module'

const limits = { memoryPages: 16 }

export const seeds: Uint8Array[] = await Promise.all([
  assembleStudy(),
  assembleStudy({
    declare: `(type $t (func (param f64) (result i32)))
      (table 2 2 funcref) (elem (i32.const 0) $a $b)
      (data (i32.const 16) "hello") (data $p "passive")
      (global $g (mut f64) (f64.const 1.5)) (global $h i64 (i64.const -1))
      (func $a (type $t) (i32.trunc_sat_f64_s (local.get 0)))
      (func $b (type $t) (i32.extend8_s (i32.const 200)))`,
    step: `(local $x f64)
      (memory.init $p (i32.const 0) (i32.const 0) (i32.const 3)) (data.drop $p)
      (memory.copy (i32.const 64) (i32.const 0) (i32.const 3))
      (block $out (block $in (br_table $in $out (i32.const 1))))
      (f64.store (i32.const 8) (f64.copysign (local.get $x) (f64.neg (local.get $x))))
      (f32.store (i32.const 8) (f32.demote_f64 (local.get $x)))
      (i32.store (i32.const 8) (i32.reinterpret_f32 (f32.const nan)))
      (drop (call_indirect (type $t) (local.get $x) (i32.const 1)))
      (if (result i32) (i32.const 1) (then (i32.const 1)) (else (unreachable)))`,
  }),
])

/** Throws where one of the promises above is broken. */
export function run(bytes: Uint8Array): ReturnType<typeof prepareModule> {
  const verdict = prepareModule(bytes, limits)
  if (!verdict.ok) return verdict
  checkPrepared(verdict)
  const again = prepareModule(verdict.code, limits)
  if (!again.ok) throw new Error(`a prepared module is refused: ${again.fault.message}`)
  return verdict
}

function checkPrepared({ code, memoryPages }: PreparedModule): void {
  const module = new WebAssembly.Module(code as BufferSource)
  if (WebAssembly.Module.imports(module).length > 0) throw new Error('imports are left')
  const { exports } = new WebAssembly.Instance(module)
  if (Object.keys(exports).join() !== 'memory,alloc,begin,step,output') {
    throw new Error('the exports are not those of the ABI')
  }
  const { buffer } = exports.memory as WebAssembly.Memory
  if (buffer.byteLength !== memoryPages * 65_536) throw new Error('the memory has another size')
}
