import { describe, expect, test } from 'vitest'
import { assemble, assembleStudy, region, watStudy } from './fixtures/wat-study.ts'
import { prepareModule } from './prepare-module.ts'
import { ByteReader } from './wasm/byte-reader.ts'
import { scanBody } from './wasm/instructions.ts'

const limits = { memoryPages: 16 }

async function verdictOf(...study: Parameters<typeof assembleStudy>) {
  return prepareModule(await assembleStudy(...study), limits)
}

function codeOf(verdict: ReturnType<typeof prepareModule>): string {
  return verdict.ok ? 'accepted' : verdict.fault.code
}

describe('what is accepted', () => {
  test('a plain study, and only its five exports are left', async () => {
    const wasm = await assembleStudy({ declare: '(func (export "other"))' })
    const verdict = prepareModule(wasm, limits)
    if (!verdict.ok) throw new Error(verdict.fault.message)
    const module = new WebAssembly.Module(verdict.code as BufferSource)
    expect(WebAssembly.Module.imports(module)).toEqual([])
    expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toEqual([
      'memory',
      'alloc',
      'begin',
      'step',
      'output',
    ])
    expect(WebAssembly.Module.customSections(module, 'name')).toEqual([])
    expect(verdict.memoryPages).toBe(1)
  })

  test('tables, indirect calls, bulk memory, saturating truncation, sign extension, branches', async () => {
    const verdict = await verdictOf({
      declare: `(type $t (func (param f64) (result i32)))
        (table 2 2 funcref) (elem (i32.const 0) $a $b)
        (data (i32.const 16) "hello") (data $p "passive")
        (global $g (mut f64) (f64.const 1.5)) (global $h i64 (i64.const -1))
        (func $a (type $t) (i32.trunc_sat_f64_s (local.get 0)))
        (func $b (type $t) (i32.extend8_s (i32.const 200)))`,
      step: `(local $x f64)
        (memory.init $p (i32.const 0) (i32.const 0) (i32.const 3)) (data.drop $p)
        (memory.copy (i32.const 64) (i32.const 0) (i32.const 3))
        (memory.fill (i32.const 64) (i32.const 0) (i32.const 3))
        (block $out (block $in (br_table $in $out (i32.const 1))))
        (local.set $x (select (f64.const 1) (f64.const 2) (i32.const 1)))
        (global.set $g (local.get $x))
        (drop (call_indirect (type $t) (local.get $x) (i32.const 1)))
        (drop (i64.const -9223372036854775808)) (drop (i32.const -2147483648))
        (if (result i32) (i32.const 1) (then (i32.const 1)) (else (unreachable)))`,
    })
    expect(codeOf(verdict)).toBe('accepted')
  })

  test('blocks that take parameters', async () => {
    const verdict = await verdictOf({
      step: `(i32.const 1) (block (param i32) (result i32) (drop) (i32.const 1))`,
    })
    expect(codeOf(verdict)).toBe('accepted')
  })

  test('the input bytes are left alone', async () => {
    const wasm = await assembleStudy({
      step: '(f64.store (i32.const 0) (f64.const 1)) (i32.const 1)',
    })
    const copy = wasm.slice()
    prepareModule(wasm, limits)
    expect(wasm).toEqual(copy)
  })
})

describe('what is refused, and why', () => {
  const cases: [name: string, code: string, text: string][] = [
    ['an import of a function', 'sandbox/imports', '(module (import "env" "now" (func)))'],
    ['an import of a memory', 'sandbox/imports', '(module (import "env" "memory" (memory 1 1)))'],
    ['a start function', 'sandbox/start-function', watStudy({ declare: '(func $s) (start $s)' })],
    ['no memory', 'sandbox/memory', '(module)'],
    [
      'a memory without maximum',
      'sandbox/memory',
      watStudy({ memory: '(memory (export "memory") 1)' }),
    ],
    [
      'a memory that may grow',
      'sandbox/memory',
      watStudy({ memory: '(memory (export "memory") 1 2)' }),
    ],
    [
      'a memory above the limit',
      'sandbox/memory',
      watStudy({ memory: '(memory (export "memory") 17 17)' }),
    ],
    [
      'the largest memory',
      'sandbox/memory',
      watStudy({ memory: '(memory (export "memory") 65536 65536)' }),
    ],
    [
      'a shared memory',
      'sandbox/memory',
      watStudy({ memory: '(memory (export "memory") 1 1 shared)' }),
    ],
    ['two memories', 'sandbox/memory', watStudy({ declare: '(memory 1 1)' })],
    ['memory.grow', 'sandbox/memory', watStudy({ step: '(memory.grow (i32.const 1))' })],
    [
      'memory.grow in dead code',
      'sandbox/memory',
      watStudy({ declare: '(func (drop (memory.grow (i32.const 1))))' }),
    ],
    [
      'SIMD',
      'sandbox/unsupported',
      watStudy({ step: '(drop (i32x4.splat (i32.const 1))) (i32.const 1)' }),
    ],
    ['a SIMD local', 'sandbox/unsupported', watStudy({ step: '(local v128) (i32.const 1)' })],
    ['a SIMD parameter', 'sandbox/unsupported', watStudy({ declare: '(func (param v128))' })],
    [
      'atomics',
      'sandbox/unsupported',
      watStudy({ step: '(drop (i32.atomic.load (i32.const 0))) (i32.const 1)' }),
    ],
    ['exceptions', 'sandbox/unsupported', watStudy({ declare: '(tag $e)' })],
    [
      'references',
      'sandbox/unsupported',
      watStudy({ declare: '(func (result externref) (ref.null extern))' }),
    ],
    [
      'table.grow',
      'sandbox/unsupported',
      watStudy({ declare: '(table 1 funcref) (func (drop (table.size 0)))' }),
    ],
    ['tail calls', 'sandbox/unsupported', watStudy({ declare: '(func $f (return_call $f))' })],
    [
      'a giant table',
      'sandbox/module-too-large',
      watStudy({ declare: '(table 4000000000 funcref)' }),
    ],
    [
      'a data segment past the end',
      'sandbox/segment',
      watStudy({ declare: '(data (i32.const 65530) "1234567")' }),
    ],
    ['a data segment at -1', 'sandbox/segment', watStudy({ declare: '(data (i32.const -1) "1")' })],
    [
      'elements past the end',
      'sandbox/segment',
      watStudy({ declare: '(table 1 1 funcref) (elem (i32.const 1) $f) (func $f)' }),
    ],
    ['a missing export', 'sandbox/exports', '(module (memory (export "memory") 1 1))'],
    [
      'an export of another type',
      'sandbox/exports',
      watStudy().replace('(result i64)', '(result i32)').replace('i64.const 8', 'i32.const 8'),
    ],
    [
      'an export of another kind',
      'sandbox/exports',
      watStudy({ declare: '(global (export "tick") i32 (i32.const 0))' })
        .replace('"step"', '"stop"')
        .replace('"tick"', '"step"'),
    ],
  ]
  test.each(cases)('%s: %s', async (_, code, text) => {
    expect(codeOf(prepareModule(await assemble(text, false), limits))).toBe(code)
  })

  test('operands of the wrong type', async () => {
    const wasm = await assemble(watStudy({ step: '(i64.const 1)' }), false)
    expect(codeOf(prepareModule(wasm, limits))).toBe('sandbox/malformed-module')
  })

  test('a call to the functions that the rewriter appends', async () => {
    const text = watStudy({
      step: '(drop (f64.load (i32.const 0))) (f64.store (i32.const 0) (call 4 (f64.const 1))) (i32.const 1)',
    })
    const wasm = await assemble(
      `${text.slice(0, -1)} (func (param f64) (result f64) local.get 0))`,
      false,
    )
    // Function 4 is the study's last; naming 5 reaches for the first that is appended.
    const at = wasm.findLastIndex((byte, index) => byte === 0x10 && wasm[index + 1] === 4)
    wasm[at + 1] = 5
    const verdict = prepareModule(wasm, limits)
    expect(verdict.ok ? '' : verdict.fault.message).toContain('a function that does not exist')
  })

  test('too many bytes, and counts that promise more than there is', async () => {
    const wasm = await assembleStudy()
    expect(codeOf(prepareModule(wasm, { ...limits, maxBytes: wasm.length - 1 }))).toBe(
      'sandbox/module-too-large',
    )
    const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
    const bomb = Uint8Array.of(...header, 1, 6, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x60)
    expect(codeOf(prepareModule(bomb, limits))).toBe('sandbox/malformed-module')
    const locals = await assembleStudy({ step: '(local i32) (i32.const 1)' })
    const at = locals.findLastIndex(
      (byte, index) =>
        byte === 1 &&
        locals[index + 1] === 1 &&
        locals[index + 2] === 0x7f &&
        locals[index + 3] === 0x41,
    )
    locals[at + 1] = 0x7f
    expect(codeOf(prepareModule(locals, limits))).toBe('accepted')
  })

  test('a module cut off anywhere', async () => {
    const wasm = await assembleStudy({
      step: '(f32.store (i32.const 0) (f32.const 1)) (i32.const 1)',
    })
    const whole = prepareModule(wasm, limits)
    expect(whole.ok).toBe(true)
    for (let length = 0; length < wasm.length; length++) {
      const verdict = prepareModule(wasm.subarray(0, length), limits)
      // Only the custom section of names, at the end, may go missing.
      if (verdict.ok && whole.ok) expect(verdict.code).toEqual(whole.code)
    }
  })

  test('a deep nest of blocks', () => {
    const body = Uint8Array.from([
      ...Array(6_000).fill([0x02, 0x40]).flat(),
      ...Array(6_001).fill(0x0b),
    ])
    const scan = () => scanBody(new ByteReader(body), { types: 0, functions: 0 })
    expect(scan).toThrow('nested too deeply')
  })

  test('a crowd of locals', async () => {
    const declare = Array.from(
      { length: 200 },
      () => `(func (local ${'i64 '.repeat(9_000)}))`,
    ).join('')
    expect(codeOf(await verdictOf({ declare }))).toBe('sandbox/module-too-large')
  })
})

describe('NaN', () => {
  const quiet = '7ff8000000000000'
  const stored: [name: string, step: string, hex: string][] = [
    [
      'a payload from integers',
      '(f64.store (i32.const 0) (f64.reinterpret_i64 (i64.const 0xfff8dead0000beef)))',
      quiet,
    ],
    [
      'a signalling one',
      '(f64.store (i32.const 0) (f64.reinterpret_i64 (i64.const 0x7ff0000000000001)))',
      quiet,
    ],
    [
      'one computed with a sign',
      '(f64.store (i32.const 0) (f64.neg (f64.div (f64.const 0) (f64.const 0))))',
      quiet,
    ],
    [
      'the sign that copysign takes',
      '(f64.store (i32.const 0) (f64.copysign (f64.const 1) (f64.neg (f64.const nan))))',
      '3ff0000000000000',
    ],
    [
      'a reinterpretation',
      '(i64.store (i32.const 0) (i64.reinterpret_f64 (f64.reinterpret_i64 (i64.const 0xffffffffffffffff))))',
      quiet,
    ],
    [
      '32 bits',
      '(f32.store (i32.const 4) (f32.reinterpret_i32 (i32.const 0xffffffff)))',
      '7fc0000000000000',
    ],
    [
      'a reinterpretation of 32 bits',
      '(i32.store (i32.const 4) (i32.reinterpret_f32 (f32.demote_f64 (f64.neg (f64.const nan)))))',
      '7fc0000000000000',
    ],
    [
      'through memory',
      '(i64.store (i32.const 8) (i64.const 0xfff8000000000123)) (f64.store (i32.const 0) (f64.load (i32.const 8)))',
      quiet,
    ],
    ['minus zero stays', '(f64.store (i32.const 0) (f64.const -0))', '8000000000000000'],
    ['infinity stays', '(f64.store (i32.const 0) (f64.const -inf))', 'fff0000000000000'],
    [
      'the least number stays',
      '(f64.store (i32.const 0) (f64.const 0x1p-1074))',
      '0000000000000001',
    ],
  ]
  test.each(stored)('%s', async (_, step, hex) => {
    const verdict = await verdictOf({ step: `${step} (i32.const 1)`, output: region(0, 8) })
    if (!verdict.ok) throw new Error(verdict.fault.message)
    const { exports } = new WebAssembly.Instance(
      new WebAssembly.Module(verdict.code as BufferSource),
    )
    const study = exports as { memory: WebAssembly.Memory; step(): number }
    study.step()
    const bits = new DataView(study.memory.buffer).getBigUint64(0, true)
    expect(bits.toString(16).padStart(16, '0')).toBe(hex)
  })
})
