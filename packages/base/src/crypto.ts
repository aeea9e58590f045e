/**
 * Cryptography as floors 0 to 4 see it: asynchronous, injected, implemented at the platform line.
 *
 * @module
 */

/** Random bytes from the platform, or seeded in tests. */
export interface Randomness {
  bytes(length: number): Uint8Array
}

/** Checks a raw ed25519 equation. Callers use `identity`, which adds the acceptance profile. */
export interface Ed25519Verifier {
  /** Which implementation answers, for `doctor` and benchmarks. */
  readonly kind: 'node' | 'webcrypto' | 'sodium'
  /** Cofactorless check of `signature` (64 bytes) over `message` by `publicKey` (32 bytes). */
  verify(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean>
}

/** An ed25519 key that signs raw bytes; only `identity` and named adapters may call it. */
export interface RawSigner {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  signRaw(message: Uint8Array): Promise<Uint8Array>
}
