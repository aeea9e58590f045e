/**
 * Bytes that must not change: read from a file beside the tests, written only when
 * FOLKMOOT_WRITE_FIXTURES=1 says so.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs'

/** The fixture as it stands in the file, after writing `current` into it where that was asked for. */
export function wireFixture<Value>(file: URL, current: Value): Value {
  const text = `${JSON.stringify(current, undefined, 1)}\n`
  if (process.env.FOLKMOOT_WRITE_FIXTURES === '1') writeFileSync(file, text)
  return JSON.parse(readFileSync(file, 'utf8')) as Value
}
