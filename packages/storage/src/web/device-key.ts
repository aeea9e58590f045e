/**
 * This browser's key: made by WebCrypto so that no script can read it, kept in the database.
 *
 * @module
 */
import { FederationError, type RawSigner } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import type { StoredKey, TabDatabase } from './database-schema.ts'
import { toStorageError } from './to-storage-error.ts'

/** The name of the only key so far. */
const PEER_KEY = 'peer'

/**
 * The signer of this database's key, which is made at the first call.
 *
 * @throws FederationError `storage/unsupported` where WebCrypto has no Ed25519
 */
export async function openDeviceKey(database: TabDatabase): Promise<RawSigner> {
  try {
    const { privateKey, publicKey } =
      (await database.get('keys', PEER_KEY)) ?? (await keepFirst(database, await makeDeviceKey()))
    return {
      publicKey,
      signRaw: async (message) =>
        new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, message.slice())),
    }
  } catch (error) {
    throw toStorageError(error, "open this browser's key")
  }
}

/** @throws FederationError `storage/unsupported` */
export async function makeDeviceKey(): Promise<StoredKey> {
  try {
    const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
    const { privateKey, publicKey } = pair as CryptoKeyPair
    return {
      privateKey,
      publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)),
    }
  } catch (error) {
    throw new FederationError<StorageCode>(
      'storage/unsupported',
      'this browser cannot make an Ed25519 key',
      { cause: error, hint: 'update the browser, and open the page over https or on localhost' },
    )
  }
}

/** Two tabs may come here at once: the key that was stored first is everybody's. */
async function keepFirst(database: TabDatabase, made: StoredKey): Promise<StoredKey> {
  const transaction = database.transaction('keys', 'readwrite', { durability: 'strict' })
  const first = await transaction.store.get(PEER_KEY)
  if (!first) await transaction.store.put(made, PEER_KEY)
  await transaction.done
  return first ?? made
}
