/**
 * The peer's key as a file: PKCS #8 in PEM, as `openssl genpkey -algorithm ed25519` writes it, mode
 * 0600.
 *
 * @module
 */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { open } from 'node:fs/promises'
import { FederationError, type RawSigner } from '@folkmoot/base'
import type { StorageCode } from '../codes.ts'
import { writeDurably } from './durable-file.ts'
import { signerFromSeed } from './ed25519.ts'
import { toStorageError } from './to-storage-error.ts'

/** A PEM of an ed25519 key has 119 bytes; anything far above is some other file. */
const MAX_FILE_BYTES = 4_096
/** Read, write or execute by the group or by everybody. */
const OTHERS = 0o077

/**
 * Reads the key in the file `path`, or makes a new one there.
 *
 * @throws FederationError `storage/key-permissions`, `storage/key-unreadable`, `storage/read-only`
 */
export async function openKeyFile(path: string): Promise<RawSigner> {
  const pem = (await readKey(path)) ?? (await makeKey(path))
  return signerFromSeed(seedIn(pem, path))
}

async function readKey(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw keyError('storage/key-unreadable', `the key file ${path} cannot be opened`, path, error)
  })
  if (!file) return undefined
  try {
    // Asked of the open file, so that it cannot be exchanged between the check and the reading.
    const { mode, size } = await file.stat()
    if (mode & OTHERS) {
      throw new FederationError<StorageCode>(
        'storage/key-permissions',
        `others can reach the key file ${path}`,
        { details: { path, mode: (mode & 0o777).toString(8) }, hint: `run: chmod 600 ${path}` },
      )
    }
    if (size > MAX_FILE_BYTES) throw keyError('storage/key-unreadable', 'not a key file', path)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

async function makeKey(path: string): Promise<string> {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  try {
    await writeDurably(path, Buffer.from(pem), { exclusive: true })
  } catch (error) {
    // Somebody else made it first: theirs counts.
    const theirs = (error as NodeJS.ErrnoException).code === 'EEXIST' && (await readKey(path))
    if (theirs) return theirs
    throw toStorageError(error, `write the key file ${path}`)
  }
  return pem.toString()
}

function seedIn(pem: string, path: string): Uint8Array {
  try {
    const key = createPrivateKey(pem)
    const { d } = key.export({ format: 'jwk' })
    if (key.asymmetricKeyType !== 'ed25519' || d === undefined) throw new Error('not ed25519')
    return new Uint8Array(Buffer.from(d, 'base64url'))
  } catch (error) {
    throw keyError('storage/key-unreadable', `${path} holds no ed25519 private key`, path, error)
  }
}

function keyError(code: StorageCode, message: string, path: string, cause?: unknown) {
  return new FederationError<StorageCode>(code, message, { details: { path }, cause })
}
