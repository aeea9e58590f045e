/**
 * Reads a study from a folder or a manifest file: a signed manifest (`*.cbor`), or a draft in JSON
 * that names its files. A third party needs nothing else to hand over.
 *
 * ```
 * my-study/
 *   manifest.json   { "title": …, "code": "unit.wasm", "reduce": "reduce.wasm", "inputs": [], … }
 *   unit.wasm  reduce.wasm
 * ```
 *
 * @module
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { errorMessage, FederationError } from '@folkmoot/base'
import { contentIdOf } from '@folkmoot/codec'
import type { CliCode } from '../codes.ts'
import { type DraftManifest, parseDraft } from './draft-manifest.ts'

/** Far above any module or input that the sandbox accepts. */
const MAX_FILE_BYTES = 64 << 20

export type StudyFiles =
  | {
      readonly kind: 'signed'
      readonly manifest: Uint8Array
      readonly blocks: ReadonlyMap<string, Uint8Array>
    }
  | {
      readonly kind: 'draft'
      readonly draft: DraftManifest
      readonly blocks: ReadonlyMap<string, Uint8Array>
    }

export function packageError(message: string, cause?: unknown): FederationError<CliCode> {
  return new FederationError<CliCode>('cli/study-package', message, { cause })
}

async function readBounded(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > MAX_FILE_BYTES) throw packageError(`${path} is larger than ${MAX_FILE_BYTES} bytes`)
    return new Uint8Array(await readFile(path))
  } catch (error) {
    if (error instanceof FederationError) throw error
    throw packageError(`${path}: ${errorMessage(error)}`, error)
  }
}

async function findManifest(path: string): Promise<string> {
  const about = await stat(path).catch((error: unknown) => {
    throw packageError(`${path}: ${errorMessage(error)}`, error)
  })
  if (!about.isDirectory()) return path
  for (const name of ['manifest.cbor', 'manifest.json']) {
    const candidate = join(path, name)
    if (await stat(candidate).catch(() => undefined)) return candidate
  }
  throw packageError(`${path} holds neither manifest.cbor nor manifest.json`)
}

/** Every file beside a signed manifest, under its content id; what is not named does no harm. */
async function blocksBeside(manifest: string): Promise<Map<string, Uint8Array>> {
  const folder = dirname(manifest)
  const blocks = new Map<string, Uint8Array>()
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || path === manifest) continue
    const bytes = await readBounded(path)
    blocks.set(contentIdOf(bytes), bytes)
  }
  return blocks
}

/** @throws FederationError `cli/study-package` */
export async function readStudyPackage(path: string): Promise<StudyFiles> {
  const manifest = await findManifest(resolve(path))
  if (!manifest.endsWith('.json')) {
    const bytes = await readBounded(manifest)
    return { kind: 'signed', manifest: bytes, blocks: await blocksBeside(manifest) }
  }
  const blocks = new Map<string, Uint8Array>()
  const draft = await parseDraft(new TextDecoder().decode(await readBounded(manifest)), {
    add: async (name) => {
      const bytes = await readBounded(resolve(dirname(manifest), name))
      const id = contentIdOf(bytes)
      blocks.set(id, bytes)
      return id
    },
  })
  return { kind: 'draft', draft, blocks }
}
