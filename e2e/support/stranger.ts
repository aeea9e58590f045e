/**
 * A peer of a hostile owner: real libp2p with a key of its own, a gate that lets everyone in, and
 * no invitation unless it is given one.
 *
 * @module
 */
import { concatBytes, decode, encode } from '@folkmoot/codec'
import { joinProtocol, protocolVersion } from '@folkmoot/federation'
import { createSigner, type PeerId, type Signer } from '@folkmoot/identity'
import { nodeRandomness, signerFromSeed } from '@folkmoot/storage/node'
import { createNodeTransport } from '../../packages/transport/src/node/index.ts'
import type { Transport } from '../../packages/transport/src/transport.ts'

export interface Stranger {
  readonly signer: Signer
  readonly transport: Transport
  /** Opens `protocol` at `peer`, says `frames`, and gives what came back until the stream ended. */
  ask(peer: PeerId, protocol: string, frames: readonly Uint8Array[]): Promise<StrangerAnswer>
  /** Speaks the join protocol once. */
  askToJoin(relay: PeerId, redeem: Redeem | null): Promise<{ ok: boolean; code: string }>
  stop(): Promise<void>
}

export interface Redeem {
  readonly invitation: Uint8Array
  readonly redemption: Uint8Array
}

export interface StrangerAnswer {
  readonly frames: Uint8Array[]
  /** How it ended: `closed`, or the words of the error. */
  readonly ended: string
}

/** A stream that says nothing for so long is one on which nothing comes. */
const SILENCE_MS = 12_000

export async function startStranger(): Promise<Stranger> {
  const raw = await signerFromSeed(nodeRandomness().bytes(32))
  const transport = await createNodeTransport({
    signer: raw,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    preset: 'test',
    gate: { allow: () => 'member' },
    randomness: nodeRandomness(),
  })

  const ask: Stranger['ask'] = async (peer, protocol, frames) => {
    const heard: Uint8Array[] = []
    try {
      const stream = await transport.open(peer, protocol)
      const timer = setTimeout(() => stream.abort(new Error('silence')), SILENCE_MS)
      try {
        for (const frame of frames) await stream.send(frame)
        for await (const frame of stream.frames()) heard.push(frame)
        return { frames: heard, ended: 'closed' }
      } finally {
        clearTimeout(timer)
        stream.abort(new Error('done'))
      }
    } catch (error) {
      return { frames: heard, ended: error instanceof Error ? error.message : String(error) }
    }
  }
  return {
    signer: createSigner(raw),
    transport,
    ask,
    askToJoin: async (relay, redeem) => {
      const request = encode({
        v: 1,
        protocol: protocolVersion,
        nickname: 'stranger',
        role: 'member',
        now: Date.now(),
        redeem,
      })
      const { frames, ended } = await ask(relay, joinProtocol, [request])
      const answer = decode(concatBytes(...frames))
      if (!answer.ok) throw new Error(`no answer to the join request: ${ended}`)
      const { ok, code } = answer.value as { ok: boolean; code?: string }
      return { ok, code: code ?? '' }
    },
    stop: () => transport.stop(),
  }
}
