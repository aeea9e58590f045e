/**
 * Compiles the study from AssemblyScript into `dist/`: `node examples/penguins/build.ts`.
 *
 * @module
 */
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const folder = fileURLToPath(new URL('.', import.meta.url))
mkdirSync(new URL('dist', import.meta.url), { recursive: true })

for (const name of ['unit', 'reduce']) {
  const { error, stderr } = await asc.main([
    `assembly/${name}.ts`,
    ...['--baseDir', folder, '--outFile', `dist/${name}.wasm`],
    ...['--runtime', 'stub', '--use', 'abort=', '-O3', '--converge'],
    // A sandbox refuses memory that can grow: machines would disagree on when that fails.
    ...['--initialMemory', '16', '--maximumMemory', '16', '--memoryBase', '16384'],
  ])
  if (error !== null) {
    console.error(`${stderr}\n${error.message}`)
    process.exit(1)
  }
}
