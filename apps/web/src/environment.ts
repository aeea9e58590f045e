/**
 * Asks the browser for what a volunteer's tab cannot do without, before anything is loaded.
 * Creates no key and stores nothing.
 *
 * @module
 */
import { refusalOf } from './refusals.ts'
import type { Refusal } from './view-model.ts'

/** The parts of `window` that are asked. */
export interface Environment {
  readonly isSecureContext: boolean
  readonly crypto?: { readonly subtle?: Pick<SubtleCrypto, 'importKey'> }
  readonly indexedDB?: unknown
  readonly navigator: { readonly locks?: unknown }
}

/** The first thing that is missing, or null where all is there. */
export async function missingFrom(environment: Environment): Promise<Refusal | null> {
  if (!environment.isSecureContext) return refusalOf('page/insecure-context')
  if (!(await hasEd25519(environment))) return refusalOf('page/no-ed25519')
  if (!environment.indexedDB) return refusalOf('page/no-indexeddb')
  if (!environment.navigator.locks) return refusalOf('page/no-web-locks')
  return null
}

async function hasEd25519(environment: Environment): Promise<boolean> {
  // The base point: a valid public key that belongs to nobody, so that no key is made to ask.
  const basePoint = new Uint8Array(32).fill(0x66)
  basePoint[0] = 0x58
  try {
    await environment.crypto?.subtle?.importKey('raw', basePoint, 'Ed25519', false, ['verify'])
    return environment.crypto?.subtle !== undefined
  } catch {
    return false
  }
}
