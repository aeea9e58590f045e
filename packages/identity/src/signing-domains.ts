/**
 * What the first bytes under every signature of a peer key look like, so that a signature made for
 * one purpose can never be shown as one for another.
 *
 * Ours all start with `folkmoot-signature/1 <purpose>` and a zero byte. The same key also signs for
 * foreign protocols, whose prefixes are fixed elsewhere; a test compares all of them pairwise.
 *
 * @module
 */
import { utf8 } from '@folkmoot/codec'

const PURPOSES = [
  'charter',
  'invitation',
  'redemption',
  'receipt',
  'envelope',
  'operation',
  'entry',
  'manifest',
  'result',
  'consent',
  'revocation',
  'report',
  'log',
  'refounding',
  'addresses',
  'vote',
  'proposal',
  'ready',
  'status',
  'vote-key',
] as const

/**
 * What a signature says. It is part of what is signed. The last five are for vote keys, which live
 * for one epoch; everything else is signed by a peer's own key.
 */
export type Purpose = (typeof PURPOSES)[number]

/** The bytes before the content, by purpose. */
export const purposePrefixes: ReadonlyMap<Purpose, Uint8Array> = new Map(
  PURPOSES.map((purpose) => [purpose, utf8(`folkmoot-signature/1 ${purpose}\0`)]),
)

/** First bytes of a signed note of ours: its origin line (C2SP signed-note, tlog-checkpoint). */
export const notePrefix: Uint8Array = utf8('folkmoot/')

/** What libp2p and TLS sign with a peer's key, by the place that fixes it. */
export const foreignPrefixes: ReadonlyMap<string, Uint8Array> = new Map([
  ['libp2p noise handshake', utf8('noise-libp2p-static-key:')],
  ['libp2p tls handshake', utf8('libp2p-tls-handshake:')],
  ['libp2p peer record', Uint8Array.of(18, ...utf8('libp2p-peer-record'))],
  ['libp2p relay reservation', Uint8Array.of(17, ...utf8('libp2p-relay-rsvp'))],
  ['TLS 1.3 CertificateVerify (RFC 8446 §4.4.3)', new Uint8Array(64).fill(0x20)],
  ['X.509 certificate (a DER sequence)', Uint8Array.of(0x30)],
  ['HTTP message signature (RFC 9421 §2.5)', utf8('"')],
])
