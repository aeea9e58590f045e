/**
 * State, keys, signatures and time in a browser.
 *
 * @example
 * ```ts
 * import { openDatabase } from '@folkmoot/storage/web'
 *
 * const state = await openDatabase('folkmoot')
 * const signer = await state.keys.signer()
 * const log = await state.log('audit')
 * await log.append([signer.publicKey])
 * await state.destroy()
 * ```
 *
 * @module
 */
export { signerFromSeed, sodiumVerifier, webRandomness, webVerifier } from './ed25519.ts'
export type { IndexedBlocksInit } from './indexed-blocks.ts'
export {
  deleteConsensusDatabase,
  openIndexedConsensusDatabase,
} from './indexed-consensus-database.ts'
export { type DatabaseInit, openDatabase, type TabState } from './open-database.ts'
export { webClock, webTimers } from './platform-time.ts'
