/**
 * Signed notes (C2SP signed-note), the form of audit checkpoints that other tools can read.
 *
 * This is one of the named adapters that sign without a purpose prefix: the format fixes what is
 * signed. It only ever signs text whose first line starts with `folkmoot/`, which no other domain
 * can produce.
 *
 * @module
 */
import type { RawSigner, Verdict } from '@folkmoot/base'
import { concatBytes, equalBytes, sha256, utf8 } from '@folkmoot/codec'
import { base64pad } from 'multiformats/bases/base64'
import type { Checker } from './checker.ts'
import { type PeerId, publicKeyOf } from './peer-id.ts'
import { mistake, refuse } from './refuse.ts'

export interface NoteSigner {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /**
   * The text with our signature line below it.
   *
   * @param text starts with `folkmoot/`, ends with a newline, has no control character but newlines
   * @param name key name: no space, no plus sign; by convention the checkpoint's origin
   * @throws FederationError `identity/purpose`
   */
  signNote(text: string, name: string): Promise<string>
}

/** Longest note that is read, in UTF-16 code units. */
const MAX_NOTE = 16_384
/** Signature type of ed25519 in a key id (C2SP signed-note, "Signature types"). */
const ED25519 = 0x01
const SIGNATURE_LINE = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/
// A note is text: newlines, but no other control character.
const TEXT = /^folkmoot\/[^\p{Cc}]*\n(?:[^\p{Cc}]*\n)*$/u
const NAME = /^[^\s+\p{Cc}]{1,255}$/u

/** Signs notes with a raw key. */
export function noteSigner(raw: RawSigner): NoteSigner {
  return {
    publicKey: raw.publicKey,
    signNote: async (text, name) => {
      if (!isText(text) || !NAME.test(name)) {
        throw mistake('identity/purpose', 'this text or name is not one of a note of ours')
      }
      const signature = await raw.signRaw(utf8(text))
      const line = base64pad.baseEncode(concatBytes(keyId(name, raw.publicKey), signature))
      return `${text}\n\u2014 ${name} ${line}\n`
    },
  }
}

/** Opens a note that must carry a signature by `by`; signatures of others are passed over. */
export async function verifyNote(
  checker: Checker,
  note: string,
  by: { readonly name: string; readonly peer: PeerId },
): Promise<Verdict<{ text: string }>> {
  const end = note.lastIndexOf('\n\n')
  if (note.length > MAX_NOTE || end < 0) return refuse('identity/note', 'this is not a signed note')
  const text = note.slice(0, end + 1)
  if (!isText(text) || !note.endsWith('\n')) {
    return refuse('identity/note', 'this is not a signed note')
  }
  const id = keyId(by.name, publicKeyOf(by.peer))
  for (const line of note.slice(end + 2, -1).split('\n')) {
    const match = SIGNATURE_LINE.exec(line)
    if (match === null) return refuse('identity/note', 'a signature line is malformed')
    const content = match[1] === by.name ? readBase64(match[2]!) : undefined
    if (content === undefined || !equalBytes(content.subarray(0, 4), id)) continue
    return (await checker.verify('note', by.peer, content.subarray(4), utf8(text)))
      ? { ok: true, text }
      : refuse('identity/note', "the note's signature does not verify")
  }
  return refuse('identity/note', 'nobody expected signed the note')
}

function keyId(name: string, publicKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(utf8(`${name}\n`), Uint8Array.of(ED25519), publicKey)).slice(0, 4)
}

function isText(text: string): boolean {
  return text.length <= MAX_NOTE && text.isWellFormed() && TEXT.test(text)
}

function readBase64(text: string): Uint8Array | undefined {
  try {
    return base64pad.baseDecode(text)
  } catch {
    return undefined
  }
}
