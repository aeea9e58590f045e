/**
 * Opens a page that holds nothing but one module, on an origin that answers nothing else.
 *
 * @module
 */
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { buildModule } from './build-module.ts'

/** `file` stands beside this one. */
export async function openModule(page: Page, file: string): Promise<void> {
  const entry = fileURLToPath(new URL(file, import.meta.url))
  const script = await buildModule(`import ${JSON.stringify(entry)}`)
  const origin = 'http://127.0.0.1:9'
  await page.route(`${origin}/**`, (route) =>
    route.request().url().endsWith('.js')
      ? route.fulfill({ contentType: 'text/javascript', body: script })
      : route.fulfill({
          contentType: 'text/html',
          body: '<!doctype html><script type="module" src="/page.js"></script>',
        }),
  )
  await page.goto(`${origin}/`)
}
