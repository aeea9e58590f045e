import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { publishedData } from '../../../testing/src/published-data.ts'
import { isLinearizable } from './check.ts'
import type { Operation } from './history.ts'
import { type RegisterInput, type RegisterOutput, register, textMap } from './models.ts'
import { readJepsenLog, readKeyValueLog } from './published-histories.ts'

const folder = publishedData('consensus/linearizability-porcupine')

describe.skipIf(folder === undefined)('the published verdicts of Porcupine', () => {
  const expected = folder
    ? (JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, boolean>)
    : {}
  const textOf = (file: string) => gunzipSync(readFileSync(join(folder!, file))).toString()
  const stored = (part: string) =>
    folder ? readdirSync(join(folder, part)).map((name) => `${part}/${name}`) : []

  it('cover every stored history but one', () => {
    const files = [...stored('jepsen'), ...stored('kv')]
    const unknown = files.filter((file) => expected[file] === undefined)
    expect(files.length).toBe(109)
    expect(unknown).toEqual(['jepsen/etcd_095.log.gz'])
  })

  const known = (part: string) => stored(part).filter((file) => expected[file] !== undefined)
  it.each(known('jepsen'))('agree about %s', (file) => {
    expect(isLinearizable(register, readJepsenLog(textOf(file)))).toBe(expected[file])
  })
  it.each(known('kv'))('agree about %s', (file) => {
    expect(isLinearizable(textMap, readKeyValueLog(textOf(file)))).toBe(expected[file])
  })
})

type Call = Operation<RegisterInput, RegisterOutput>

describe('the checker', () => {
  const write = (value: number, call: number, answer: number): Call => ({
    input: { f: 'write', value },
    output: {},
    call,
    answer,
  })
  const read = (value: number | null, call: number, answer: number): Call => ({
    input: { f: 'read' },
    output: { value },
    call,
    answer,
  })

  it('takes a read that overlaps a write with either value', () => {
    for (const value of [null, 1]) {
      expect(isLinearizable(register, [write(1, 0, 10), read(value, 5, 6)])).toBe(true)
    }
  })

  it('refuses a stale read after the answer of a write', () => {
    expect(isLinearizable(register, [write(1, 0, 10), read(null, 11, 12)])).toBe(false)
  })

  it('refuses a new value that is followed by the old one', () => {
    const history = [write(1, 0, 10), read(1, 2, 3), read(null, 4, 5)]
    expect(isLinearizable(register, history)).toBe(false)
  })

  it('lets a write without an answer take effect late, or never', () => {
    const lost = { ...write(1, 0, Number.POSITIVE_INFINITY), output: undefined }
    expect(isLinearizable(register, [lost, read(null, 5, 6), read(1, 7, 8)])).toBe(true)
    expect(isLinearizable(register, [lost, read(null, 5, 6)])).toBe(true)
    expect(isLinearizable(register, [lost, read(1, 5, 6), read(null, 7, 8)])).toBe(false)
  })

  it('judges small histories as trying every order does', () => {
    const call = fc.record({
      value: fc.integer({ min: 0, max: 2 }),
      kind: fc.constantFrom('read', 'write', 'cas'),
      at: fc.integer({ min: 0, max: 8 }),
      takes: fc.integer({ min: 1, max: 6 }),
      yes: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 6 }), (calls) => {
        const history = calls.map(({ value, kind, at, takes, yes }): Call => {
          const [start, end] = [2 * at, 2 * at + takes]
          if (kind === 'write') return write(value, start, end)
          if (kind === 'read') return read(yes ? value : null, start, end)
          const input = { f: 'cas' as const, from: value, to: (value + 1) % 3 }
          return { input, output: { swapped: yes }, call: start, answer: end }
        })
        expect(isLinearizable(register, history)).toBe(tryAll(null, history))
      }),
    )
  })
})

function tryAll(state: number | null, left: readonly Call[]): boolean {
  if (left.length === 0) return true
  const firstAnswer = Math.min(...left.map(({ answer }) => answer))
  return left.some((call) => {
    if (call.call > firstAnswer) return false
    const after = register.step(state, call.input, call.output)
    const rest = left.filter((other) => other !== call)
    return after !== undefined && tryAll(after, rest)
  })
}
