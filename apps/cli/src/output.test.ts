import { FederationError } from '@folkmoot/base'
import { describe, expect, it } from 'vitest'
import { createOutput, type Format } from './output.ts'
import { testSink } from './test-sink.ts'

function capture(format: Format, environment: Record<string, string> = {}, isTTY = false) {
  const stdout = testSink()
  const stderr = testSink(isTTY)
  const output = createOutput({ format, environment, stdout, stderr })
  const written = {
    get out() {
      return stdout.text
    },
    get err() {
      return stderr.text
    },
  }
  return { output, written }
}

describe('the output', () => {
  it('puts exactly one envelope on stdout as json, and prose on stderr', () => {
    const { output, written } = capture('json')
    output.note('a sentence')
    output.data('thing', { n: 1 }, () => 'text')
    expect(written).toEqual({
      out: '{"schema":"folkmoot/thing/1","ok":true,"data":{"n":1}}\n',
      err: 'a sentence\n',
    })
  })

  it('puts one envelope a line for each element as jsonl', () => {
    const { output, written } = capture('jsonl')
    output.data('things', [1, 2], () => 'text')
    expect(
      written.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).data),
    ).toEqual([1, 2])
  })

  it('puts failures into the envelope, or in words on stderr', () => {
    const error = new FederationError('a/b', 'it broke', { hint: 'mend it' })
    const json = capture('json')
    json.output.failure(error)
    expect(JSON.parse(json.written.out)).toEqual({
      schema: 'folkmoot/error/1',
      ok: false,
      error: { code: 'a/b', message: 'it broke', hint: 'mend it' },
    })
    const text = capture('text')
    text.output.failure(error)
    expect(text.written).toEqual({ out: '', err: 'folkmoot: it broke (a/b)\n  mend it\n' })
  })

  it('writes bytes and bigints, which JSON lacks', () => {
    const { output, written } = capture('json')
    output.data('thing', { b: new Uint8Array([1, 2]), n: 2n ** 64n }, () => '')
    expect(JSON.parse(written.out).data).toEqual({ b: 'AQI', n: '18446744073709551616' })
  })

  it('shows progress and colour on a terminal only, and no colour under NO_COLOR', () => {
    const off = capture('text')
    off.output.progress('half')
    expect([off.written.err, off.output.color]).toEqual(['', false])
    const on = capture('text', {}, true)
    on.output.progress('half')
    expect([on.written.err.includes('half'), on.output.color]).toEqual([true, true])
    expect(capture('text', { NO_COLOR: '1' }, true).output.color).toBe(false)
  })
})
