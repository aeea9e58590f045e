/**
 * The built page in memory: every file once plain and once gzipped, with the headers it is served
 * with. Read at start, so that a rebuild never mixes two builds in one tab.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { FederationError } from '@folkmoot/base'

export interface PageFile {
  readonly plain: Uint8Array<ArrayBuffer>
  readonly gzipped: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly etag: string
  readonly cache: string
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

/**
 * Reads every file below `folder`; keys are URL paths (`/assets/a.js`).
 *
 * @throws FederationError `cli/page-missing` where there is no built page.
 */
export async function readPageFiles(folder: string): Promise<ReadonlyMap<string, PageFile>> {
  let names: string[]
  try {
    names = (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && contentTypes[extname(entry.name)] !== undefined)
      .map((entry) => join(entry.parentPath, entry.name))
  } catch (cause) {
    throw new FederationError('cli/page-missing', `there is no built page at ${folder}`, {
      cause,
      hint: 'run `npm run build` first',
    })
  }
  const files = new Map<string, PageFile>()
  for (const name of names) {
    const plain = new Uint8Array(await readFile(name))
    const path = `/${relative(folder, name).split(sep).join('/')}`
    files.set(path, {
      plain,
      gzipped: new Uint8Array(gzipSync(plain, { level: 9 })),
      type: contentTypes[extname(name)]!,
      etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
      // Hashed names never change their content; everything else is asked for again.
      cache: path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
  }
  if (!files.has('/index.html')) {
    throw new FederationError('cli/page-missing', `there is no index.html at ${folder}`, {
      hint: 'run `npm run build` first',
    })
  }
  return files
}
