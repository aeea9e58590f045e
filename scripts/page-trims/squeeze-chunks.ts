/**
 * A second minifier over what the first one made: terser also puts functions that are called once
 * into their callers. It renames no properties. Where a source map is asked for, it stays away.
 *
 * @module
 */
import { minify } from 'terser'
import type { Plugin } from 'vite'

/** A fallback that is mostly one compiled module: nothing to gain, and it takes long. */
const leftAlone = /sodium/

export function squeezeChunks(): Plugin {
  return {
    name: 'folkmoot:squeeze-chunks',
    apply: 'build',
    async generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk' || chunk.map !== null || leftAlone.test(chunk.fileName)) continue
        const { code } = await minify(chunk.code, {
          module: true,
          ecma: 2020,
          // What one pass has put together shows the next what else is called once: 0.9 KiB.
          compress: { passes: 3 },
          format: { comments: false },
        })
        if (code !== undefined && code.length < chunk.code.length) chunk.code = code
      }
    },
  }
}
