/**
 * Chromium, and a server of the built test pages.
 *
 * @module
 */
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, extname, join } from 'node:path'
import { sandboxFrameHeaders, sandboxFrameHtml } from '@folkmoot/sandbox'
import { type Browser, chromium } from '@playwright/test'
import { build } from 'vite'
import { browserFlags } from '../../e2e/support/browser-flags.ts'
import { findBrowser } from '../../e2e/support/find-browser.ts'

const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

export async function launchBrowser(): Promise<Browser> {
  const executablePath = await findBrowser(join(tmpdir(), 'folkmoot-browser'))
  if (executablePath === undefined) throw new Error('no Chromium was found; set CHROME_PATH')
  return chromium.launch({ executablePath, args: [...browserFlags] })
}

export interface PageServer {
  readonly url: string
  stop(): Promise<void>
}

/** Builds the pages of this folder as `npm run build` builds ours, and serves them. */
export async function servePages(): Promise<PageServer> {
  const folder = await mkdtemp(join(tmpdir(), 'folkmoot-bench-'))
  await build({
    root: import.meta.dirname,
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: ['ours.html', 'bare.html', 'voter.html'].map((name) =>
          join(import.meta.dirname, name),
        ),
      },
    },
  })
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname
    if (path === '/sandbox.html') {
      response.writeHead(200, { ...sandboxFrameHeaders, 'content-type': 'text/html' })
      response.end(sandboxFrameHtml)
      return
    }
    const inside = path.startsWith('/assets/') ? 'assets' : '.'
    readFile(join(folder, inside, basename(path))).then(
      (bytes) =>
        response
          .writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' })
          .end(bytes),
      () => response.writeHead(404).end(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await rm(folder, { recursive: true })
    },
  }
}
