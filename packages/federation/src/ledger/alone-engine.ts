/**
 * The engine of a founder who decides alone, as a file of its own: no tab founds a federation, so
 * none loads it.
 *
 * @module
 */
import { createSoloLog, type SoloLog, type SoloLogInit } from '@folkmoot/consensus'
import type { Engine } from './engine.ts'

export interface AloneEngine extends Engine {
  readonly solo: SoloLog
}

export async function openAlone(init: SoloLogInit): Promise<AloneEngine> {
  const solo = await createSoloLog(init)
  return {
    mode: 'alone',
    log: solo,
    solo,
    submit: (operation, id) => solo.submit(operation, { id }),
    accept: (entry) => solo.adopt(entry),
    release: () => solo.release(),
    close: () => solo.close(),
  }
}
