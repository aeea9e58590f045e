/**
 * Builds the page. `--mode gallery` builds the gallery of all views instead, for screenshots.
 */
import { join } from 'node:path'
import { defineConfig } from 'vite'
import { squeezeChunks } from './scripts/page-trims/squeeze-chunks.ts'
import { trimPage } from './scripts/page-trims/trim-page.ts'

const page = join(import.meta.dirname, 'apps/web')

export default defineConfig(({ mode }) => {
  const gallery = mode === 'gallery'
  return {
    root: page,
    // Relative addresses, so that a relay may serve the page below any path.
    base: './',
    plugins: [trimPage({ expectAll: !gallery }), squeezeChunks()],
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: gallery ? '.cache/gallery' : 'dist',
      emptyOutDir: true,
      target: 'es2022',
      // The relay's Content-Security-Policy allows no inline script, style or data address.
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      rolldownOptions: {
        checks: { pluginTimings: false },
        input: join(page, gallery ? 'gallery.html' : 'index.html'),
      },
    },
  }
})
