/**
 * Keeps the blocks of a study that is about to be opened: all that its manifest names, and modules
 * that its sandbox would run.
 *
 * @module
 */
import { type BlockStore, refuse, type Verdict } from '@folkmoot/base'
import { contentIdOf } from '@folkmoot/codec'
import { prepareModule } from '@folkmoot/sandbox'
import type { Manifest } from '@folkmoot/studies'

/** Largest module that a study may bring, in bytes. */
const maxModuleBytes = 4 * 1024 * 1024

export async function keepStudyBlocks(
  store: BlockStore,
  manifest: Manifest,
  blocks: readonly Uint8Array[],
): Promise<Verdict> {
  const { code, reduce, inputs, limits } = manifest
  const named = new Set<string>([code, reduce, ...inputs])
  for (const bytes of blocks) {
    const id = contentIdOf(bytes, 'raw')
    if (named.delete(id)) await store.put(id, bytes)
  }
  for (const id of named) {
    if (!(await store.has(id))) {
      return refuse('federation/study-blocks', `the block ${id} is missing`)
    }
  }
  for (const id of [code, reduce]) {
    const module = await store.get(id)
    const checked = prepareModule(module ?? new Uint8Array(), {
      memoryPages: limits.memoryPages,
      maxBytes: maxModuleBytes,
    })
    if (!checked.ok) return checked
  }
  return { ok: true }
}
