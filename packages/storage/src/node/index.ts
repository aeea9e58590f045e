/**
 * State, keys, signatures and time in Node.
 *
 * @example
 * ```ts
 * import { openStateFolder } from '@folkmoot/storage/node'
 *
 * const state = await openStateFolder('/tmp/folkmoot-example')
 * await state.store.write([{ type: 'put', key: 'a', value: new Uint8Array([1]) }])
 * const log = await state.log('audit')
 * await log.append([new Uint8Array([2])])
 * await state.close()
 * ```
 *
 * @module
 */
export { writeDurably } from './durable-file.ts'
export { nodeRandomness, nodeVerifier, signerFromSeed } from './ed25519.ts'
export { type FileBlocksInit, openFileBlocks } from './file-blocks.ts'
export { type FileLogInit, openFileLog } from './file-log.ts'
export { openKeyFile } from './key-file.ts'
export { nodeClock, nodeTimers } from './platform-time.ts'
export { openSqliteConsensusDatabase } from './sqlite-consensus-database.ts'
export { openSqliteStore, type SqliteStoreInit } from './sqlite-store.ts'
export { openStateFolder, type StateFolder, type StateFolderInit } from './state-folder.ts'
