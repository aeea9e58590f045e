import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { publishedData } from '../../testing/src/published-data.ts'
import { contentIdOf } from './content-id.ts'
import { decode } from './decode.ts'
import { encode } from './encode.ts'
import { fromHex, toHex } from './text.ts'

const folder = publishedData('bytes/dag-cbor')

describe.skipIf(folder === undefined)('ipld/codec-fixtures, dag-cbor', () => {
  const names = folder === undefined ? [] : readdirSync(join(folder, 'fixtures'))
  test.each(names)('%s decodes and encodes to the same bytes and content id', (name) => {
    const file = readdirSync(join(folder!, 'fixtures', name)).find((each) =>
      each.endsWith('.dag-cbor'),
    )!
    const bytes = readFileSync(join(folder!, 'fixtures', name, file))
    const decoded = decode(bytes, { integralFloats: false })
    expect(decoded.ok).toBe(true)
    const again = encode(decoded.ok ? decoded.value : undefined)
    expect(toHex(again)).toBe(toHex(bytes))
    expect(`${contentIdOf(again, 'dag-cbor')}.dag-cbor`).toBe(file)
  })

  test('every negative fixture is refused', () => {
    const negative = join(folder!, 'negative-fixtures/dag-cbor/decode')
    const cases = readdirSync(negative).flatMap(
      (file) => JSON.parse(readFileSync(join(negative, file), 'utf8')) as { hex: string }[],
    )
    expect(cases.length).toBeGreaterThan(0)
    for (const { hex } of cases) expect(decode(fromHex(hex)).ok).toBe(false)
  })
})
