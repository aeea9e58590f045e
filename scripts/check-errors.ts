/**
 * Fails when `docs/errors.md` and the error codes of the sources differ.
 *
 * @example node scripts/check-errors.ts --write
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compare, readPage, writePage } from './errors/errors-page.ts'
import { readCodes } from './errors/read-codes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const path = join(root, 'docs', 'errors.md')
const codes = readCodes(root)
const page = readPage(existsSync(path) ? readFileSync(path, 'utf8') : '')
if (process.argv.includes('--write')) {
  const text = writePage(codes, page)
  writeFileSync(path, text)
  page.clear()
  for (const [code, body] of readPage(text)) page.set(code, body)
}
const faults = compare(codes, page)
for (const fault of faults) console.error(fault)
console.error(`errors: ${codes.declared.size} codes, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
