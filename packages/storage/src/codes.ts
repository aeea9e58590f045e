/**
 * Every code that this package throws, one sentence each.
 *
 * @module
 */
export type StorageCode =
  /** Another process (or tab) holds this state; stop it or choose another folder. */
  | 'storage/locked'
  /** The state folder, its schema file or its database cannot be opened or understood. */
  | 'storage/unreadable'
  /** The state was written by a newer release than this one. */
  | 'storage/newer-schema'
  /** No room: a full disk, a file size limit or a browser quota. Nothing was written. */
  | 'storage/full'
  /** The medium, the permissions or the caller (`readonly`) forbid writing. Nothing was written. */
  | 'storage/read-only'
  /** Bytes that had been durable changed; the file is left as it is. */
  | 'storage/corrupt'
  /** The device failed; the log refuses further appends until it is opened again. */
  | 'storage/failed'
  /** The store was used after it was closed or destroyed. */
  | 'storage/closed'
  /** A log's name is not 1 to 64 of `a-z`, `0-9` and `-`. */
  | 'storage/name'
  /** One record or block is larger than the store accepts. */
  | 'storage/too-large'
  /** Bytes were put under a content id that is not theirs. */
  | 'storage/wrong-content'
  /** The key file can be read by others than its owner. */
  | 'storage/key-permissions'
  /** The key file holds no ed25519 private key. */
  | 'storage/key-unreadable'
  /** This browser lacks IndexedDB or Ed25519 in WebCrypto. */
  | 'storage/unsupported'
  /** The seed of a key has not 32 bytes. */
  | 'storage/seed-length'
  /** Another writer opened the consensus database since: this one can write no more. */
  | 'storage/writer-replaced'
  /** The key was deleted from the consensus database; what it signed stays valid. */
  | 'storage/key-deleted'
