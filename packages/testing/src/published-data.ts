/**
 * Finds published test data, which lies beside the checkout and is never committed.
 *
 * @module
 */
import { appendFileSync, existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * The path of published data, or undefined where this machine has none; then the group of tests is
 * counted as not run, in the file that `FOLKMOOT_NOT_RUN` names.
 *
 * Looks in `FOLKMOOT_DATA`, by default `../shared/data` beside the checkout. With
 * `FOLKMOOT_REQUIRE_DATA=1` absence is an error.
 *
 * @example const folder = publishedData('bytes/ed25519')
 */
export function publishedData(relativePath: string): string | undefined {
  const root = process.env.FOLKMOOT_DATA ?? resolve(CHECKOUT, '../shared/data')
  const path = join(resolve(CHECKOUT, root), relativePath)
  if (existsSync(path)) return path
  if (process.env.FOLKMOOT_REQUIRE_DATA === '1') {
    throw new Error(`published test data is required, and ${relativePath} is not there`)
  }
  const report = process.env.FOLKMOOT_NOT_RUN
  if (report !== undefined && report !== '') appendFileSync(report, `${relativePath}\n`)
  return undefined
}
