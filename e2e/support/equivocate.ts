/**
 * A script that makes a tab a lying voter, run before the page's own: whatever block it votes for,
 * it signs another one as well with the same key, and sends both to every tab that it is linked
 * with. It works from outside, on what the page signs and sends, so that the page is the real one.
 *
 * @module
 */

/** Counts its lies in `globalThis.lies`; tells none while `globalThis.honest` is true. */
export const equivocate = `(() => {
  globalThis.lies = 0
  const asBytes = (data) =>
    ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
      : new Uint8Array(data).slice()
  const find = (bytes, part) => {
    for (let at = 0; at + part.length <= bytes.length; at++) {
      if (part.every((byte, i) => bytes[at + i] === byte)) return at
    }
    return -1
  }
  const protocol = [...'folkmoot/simplex/1'].map((letter) => letter.charCodeAt(0))
  const pairs = []

  // A vote ends in its kind (1: for a block), a view of 8 bytes and the block's hash of 32.
  const { sign } = SubtleCrypto.prototype
  SubtleCrypto.prototype.sign = async function (algorithm, key, data) {
    const bytes = asBytes(data)
    const signature = await sign.call(this, algorithm, key, bytes)
    if (!globalThis.honest && bytes.at(-41) === 1 && find(bytes, protocol) >= 0) {
      bytes[bytes.length - 1] ^= 1
      const other = asBytes(await sign.call(this, algorithm, key, bytes))
      pairs.push({ signature: asBytes(signature), hash: bytes.slice(-32), other })
      if (pairs.length > 8) pairs.shift()
    }
    return signature
  }

  // libp2p sends a message in pieces, its length first; a lie is a whole message before the true
  // one. In a vote the hash comes first, then the voter's number and the head of the signature.
  const waiting = new WeakMap()
  const { send } = RTCDataChannel.prototype
  RTCDataChannel.prototype.send = function (data) {
    const pieces = [...(waiting.get(this) ?? []), asBytes(data)]
    waiting.set(this, pieces)
    const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
    pieces.reduce((at, piece) => (whole.set(piece, at), at + piece.length), 0)
    let length = 0
    let head = 0
    do length += (whole[head] & 127) * 2 ** (7 * head)
    while (whole[head++] > 127)
    if (whole.length < head + length) return
    waiting.delete(this)
    for (const { signature, hash, other } of pairs) {
      const at = find(whole, signature)
      if (at < 35) continue
      const lie = whole.slice()
      lie.set(hash, at - 35)
      lie.set(other, at)
      send.call(this, lie)
      globalThis.lies++
    }
    for (const piece of pieces) send.call(this, piece)
  }
})()`
