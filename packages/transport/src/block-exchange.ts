/**
 * Blocks by content id over `/folkmoot/sync/1`. A request is `0x01 ‖ id`, an answer is `0x01 ‖
 * bytes` or `0x00` for "I do not have it". What arrives is believed only when it hashes to the id.
 *
 * @module
 */
import { type BlockStore, FederationError, type Metrics, silentMetrics } from '@folkmoot/base'
import { fromUtf8, matchesContentId, parseContentId, utf8 } from '@folkmoot/codec'
import type { PeerId } from '@folkmoot/identity'
import { SYNC_PROTOCOL } from './stream-gate.ts'
import type { FrameStream, LinkKind, Transport } from './transport.ts'

/** Largest block served or accepted, in bytes. */
const MAX_BLOCK = 4 * 1024 * 1024
const MAX_ID = 128
const ASK_MS = 15_000
/** Requests that one stream may carry, so that a peer cannot hold a stream for ever. */
const MAX_REQUESTS = 1_024

const KIND_BLOCK = 1
const HAVE = 1

export interface BlockExchangeInit {
  readonly transport: Transport
  readonly blocks: BlockStore
  /** Whether `peer` may have this block; default every member. */
  readonly allow?: (peer: PeerId, id: string) => boolean
  readonly metrics?: Metrics
}

export interface BlockExchange {
  /**
   * The block, from the store or from one of `from`, tabs first and relays last; stored when found.
   * @throws FederationError `transport/block-missing`
   */
  get(id: string, from: readonly PeerId[], signal?: AbortSignal): Promise<Uint8Array>
  stop(): void
}

/** Asks those first whose link costs nobody else: direct, then relayed, then servers. */
const order: Readonly<Record<LinkKind, number>> = { direct: 0, relayed: 1, tcp: 2, websocket: 2 }

export function createBlockExchange(init: BlockExchangeInit): BlockExchange {
  const { transport, blocks } = init
  const metrics = init.metrics ?? silentMetrics
  const running = new Map<string, Promise<Uint8Array>>()

  async function answer(stream: FrameStream): Promise<void> {
    let served = 0
    for await (const request of stream.frames()) {
      const id = parseRequest(request)
      served += 1
      if (id === undefined || served > MAX_REQUESTS) {
        return stream.abort(new FederationError('transport/frame', 'not a block request'))
      }
      const allowed = init.allow === undefined || init.allow(stream.peer, id)
      const bytes = allowed ? await blocks.get(id) : undefined
      metrics.count('folkmoot_transport_blocks_total', { outcome: bytes ? 'served' : 'absent' })
      const have = bytes !== undefined && bytes.byteLength <= MAX_BLOCK
      await stream.send(have ? tagged(HAVE, bytes) : new Uint8Array([0]))
    }
    await stream.close()
  }

  async function ask(
    peer: PeerId,
    id: string,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const stream = await transport.open(peer, SYNC_PROTOCOL, { signal, maxFrame: MAX_BLOCK + 1 })
    const cut = () => stream.abort(new FederationError('transport/timeout', 'no block in time'))
    signal.addEventListener('abort', cut, { once: true })
    try {
      await stream.send(tagged(KIND_BLOCK, utf8(id)))
      for await (const frame of stream.frames()) {
        if (frame[0] !== HAVE) break
        const bytes = frame.slice(1)
        const parsed = parseContentId(id)
        if (parsed.ok && matchesContentId(parsed.id, bytes)) return bytes
        metrics.count('folkmoot_transport_blocks_total', { outcome: 'mismatch' })
        break
      }
      return undefined
    } finally {
      signal.removeEventListener('abort', cut)
      void stream.close()
    }
  }

  async function fetchFrom(
    id: string,
    from: readonly PeerId[],
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const kept = await blocks.get(id)
    if (kept !== undefined) return kept
    const kinds = new Map(transport.links().map((link) => [link.peer, link.kind]))
    const rank = (peer: PeerId) => order[kinds.get(peer) ?? 'relayed']
    for (const peer of [...from].sort((a, b) => rank(a) - rank(b))) {
      if (peer === transport.peer) continue
      signal?.throwIfAborted()
      const bound = AbortSignal.any([AbortSignal.timeout(ASK_MS), ...(signal ? [signal] : [])])
      const bytes = await ask(peer, id, bound).catch(() => undefined)
      if (bytes !== undefined) {
        await blocks.put(id, bytes)
        return bytes
      }
    }
    throw new FederationError('transport/block-missing', `nobody had ${id}`)
  }

  const unhandle = transport.handle(
    SYNC_PROTOCOL,
    (stream) => void answer(stream).catch(() => {}),
    {
      maxFrame: MAX_ID + 1,
      maxStreamsPerPeer: 8,
      timeoutMs: 120_000,
    },
  )

  return {
    get(id, from, signal) {
      const under = running.get(id)
      if (under !== undefined) return under
      const attempt = fetchFrom(id, from, signal).finally(() => running.delete(id))
      running.set(id, attempt)
      return attempt
    },
    stop: unhandle,
  }
}

/** The content id that a request names, or undefined when it is not a request. */
export function parseRequest(frame: Uint8Array): string | undefined {
  if (frame[0] !== KIND_BLOCK || frame.byteLength > MAX_ID + 1) return undefined
  try {
    const text = fromUtf8(frame.subarray(1))
    return parseContentId(text).ok ? text : undefined
  } catch {
    return undefined
  }
}

function tagged(tag: number, bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.byteLength + 1)
  out[0] = tag
  out.set(bytes, 1)
  return out
}
