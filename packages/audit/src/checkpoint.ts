/**
 * Checkpoints in C2SP tlog-checkpoint form: origin, size and root of the tree, signed as a note.
 *
 * Source: https://c2sp.org/tlog-checkpoint. Signing and checking are `identity`'s note adapter.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import { fromUtf8, utf8 } from '@folkmoot/codec'
import { type Checker, type NoteSigner, type PeerId, verifyNote } from '@folkmoot/identity'
import { fromString } from 'uint8arrays/from-string'
import { toString as bytesToString } from 'uint8arrays/to-string'

export interface Checkpoint {
  /** `folkmoot/<fed>/<peer>/<logId>`. */
  readonly origin: string
  /** Leaves of the tree. */
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** Sizes are decimal without leading zeros; ours stay below 2^53. */
const SIZE = /^(?:0|[1-9]\d{0,15})$/
const ROOT_BYTES = 32
/** A note with a few witnesses has some hundred bytes. */
export const MAX_CHECKPOINT_BYTES = 16_384

/** The origin of a peer's log. */
export function checkpointOrigin(fed: string, peer: PeerId, logId: string): string {
  return `folkmoot/${fed}/${peer}/${logId}`
}

/** Signs a checkpoint; the key's name is the origin, as the format recommends. */
export async function signCheckpoint(
  note: NoteSigner,
  checkpoint: Checkpoint,
): Promise<Uint8Array> {
  const { origin, size, root } = checkpoint
  return utf8(
    await note.signNote(`${origin}\n${size}\n${bytesToString(root, 'base64pad')}\n`, origin),
  )
}

/** Reads a checkpoint without its signatures: for our own, and for looking before checking. */
export function parseCheckpoint(bytes: Uint8Array): Verdict<{ checkpoint: Checkpoint }> {
  if (bytes.length > MAX_CHECKPOINT_BYTES) return malformed('it is too long')
  let note: string
  try {
    note = fromUtf8(bytes)
  } catch {
    return malformed('it is not UTF-8')
  }
  const end = note.lastIndexOf('\n\n')
  return end < 0 ? malformed('it has no signatures') : parseText(note.slice(0, end + 1))
}

/** Reads a checkpoint that `peer` signed for the log `origin`. */
export async function openCheckpoint(
  checker: Checker,
  bytes: Uint8Array,
  { origin, peer }: { readonly origin: string; readonly peer: PeerId },
): Promise<Verdict<{ checkpoint: Checkpoint }>> {
  const parsed = parseCheckpoint(bytes)
  if (!parsed.ok) return parsed
  if (parsed.checkpoint.origin !== origin) return malformed('it is of another log')
  const signed = await verifyNote(checker, fromUtf8(bytes), { name: origin, peer })
  // What was signed is what counts, so it alone is read.
  return signed.ok ? parseText(signed.text) : refuse('audit/checkpoint', signed.fault.message)
}

function parseText(text: string): Verdict<{ checkpoint: Checkpoint }> {
  const [origin = '', size = '', root = '', ...rest] = text.split('\n')
  if (rest.length === 0 || rest.at(-1) !== '') return malformed('it does not end in a newline')
  if (origin === '') return malformed('it has no origin')
  if (!SIZE.test(size) || !Number.isSafeInteger(Number(size)))
    return malformed('its size is no size')
  const bytes = readBase64(root)
  if (bytes?.length !== ROOT_BYTES) return malformed('its root is no SHA-256')
  if (rest.slice(0, -1).includes('')) return malformed('an extension line is empty')
  return { ok: true, checkpoint: { origin, size: Number(size), root: bytes } }
}

/** Only the one text per byte string: padding in place, no stray bits. */
function readBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = fromString(text, 'base64pad')
    return bytesToString(bytes, 'base64pad') === text ? bytes : undefined
  } catch {
    return undefined
  }
}

function malformed(why: string) {
  return refuse('audit/checkpoint', `this is not a checkpoint: ${why}`)
}
