/**
 * Bundles a module of this repository for a browser, in memory, whole: what it loads on demand is
 * part of it.
 *
 * @module
 */
import { build } from 'vite'

/** `source` is the text of an ES module, which may import workspace files by absolute path. */
export async function buildModule(source: string): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'esnext',
      rolldownOptions: {
        input: 'virtual:entry',
        output: { codeSplitting: false },
      },
    },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'virtual:entry' ? `\0${id}` : undefined),
        load: (id) => (id === '\0virtual:entry' ? source : undefined),
      },
    ],
  })
  const [first] = [output].flat()
  if (first === undefined || !('output' in first)) throw new Error('vite built nothing')
  return first.output[0].code
}
