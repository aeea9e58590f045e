/**
 * A script, run before a tab's own, by which a test cuts a tab off without freezing it: links are
 * closed but for some, and what it would say on those is held up, all but signs of life. So the
 * link still stands when the tab comes back, as after a short freeze, however slow the machine is.
 *
 * @module
 */
import type { VolunteerTab } from './volunteer-tab.ts'

export const holdUp = `(() => {
  const connections = []
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...init) {
      super(...init)
      connections.push(this)
    }
  }
  const printsIn = (description) => description?.sdp.match(/^a=fingerprint:.*$/gm) ?? []
  globalThis.ownPrints = () => connections.flatMap(({ localDescription }) => printsIn(localDescription))

  let held = null
  globalThis.cutOff = (kept) => {
    held = []
    for (const one of connections) {
      if (!printsIn(one.remoteDescription).some((print) => kept.includes(print))) one.close()
    }
  }
  globalThis.letThrough = () => {
    const waiting = held
    held = null
    for (const [channel, pieces] of waiting) {
      if (channel.readyState === 'open') for (const piece of pieces) send.call(channel, piece)
    }
  }

  const textOf = (pieces) => pieces.map((piece) => new TextDecoder('latin1').decode(piece)).join('')
  const alive = new WeakSet()
  // libp2p sends a message in pieces, its length first; each protocol has a channel of its own, on
  // which it is named first.
  const waiting = new WeakMap()
  const { send } = RTCDataChannel.prototype
  RTCDataChannel.prototype.send = function (data) {
    if (held === null) return send.call(this, data)
    const pieces = [...(waiting.get(this) ?? []), ArrayBuffer.isView(data) ? data.slice() : data]
    waiting.set(this, pieces)
    const text = textOf(pieces)
    let length = 0
    let head = 0
    do length += (text.charCodeAt(head) & 127) * 2 ** (7 * head)
    while (text.charCodeAt(head++) > 127)
    if (text.length < head + length) return
    waiting.delete(this)
    if (text.includes('/ipfs/ping/')) alive.add(this)
    if (alive.has(this) || text.includes('/multistream/')) {
      for (const piece of pieces) send.call(this, piece)
    } else held.push([this, pieces])
  }
})()`

/** Only the link with `friend`, whose tab runs the script too, outlives it; `letThrough` ends it. */
export async function cutOff({ page }: VolunteerTab, friend: VolunteerTab): Promise<void> {
  const prints = await friend.page.evaluate('ownPrints()')
  await page.evaluate(`cutOff(${JSON.stringify(prints)})`)
}

export async function letThrough({ page }: VolunteerTab): Promise<void> {
  await page.evaluate('letThrough()')
}
