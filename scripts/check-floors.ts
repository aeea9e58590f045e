/**
 * Fails on an upward import, a cycle, an undeclared dependency, or anything impure on floors 0–4.
 *
 * @example node scripts/check-floors.ts
 *
 * @module
 */
import { fileURLToPath } from 'node:url'
import { checkTree } from './floors/check-tree.ts'

const faults = checkTree(fileURLToPath(new URL('..', import.meta.url)))
for (const fault of faults) console.error(fault)
console.error(faults.length === 0 ? 'floors: clean' : `floors: ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1
