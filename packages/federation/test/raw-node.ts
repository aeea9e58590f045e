/**
 * A node that speaks Folkmoot's protocols by hand, for tests that misuse them: a libp2p node of its
 * own, whose gate lets everything pass.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { RawSigner } from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import type { Peer } from '@folkmoot/federation'
import { createSigner, type Envelope, type PeerId, type Signer } from '@folkmoot/identity'
import { nodeRandomness, openKeyFile, signerFromSeed } from '@folkmoot/storage/node'
import type { LoopbackFederation } from '@folkmoot/testing'
import type { FrameStream, Transport } from '@folkmoot/transport'
import { createNodeTransport } from '@folkmoot/transport/node'

export interface RawNode {
  readonly raw: RawSigner
  readonly signer: Signer
  readonly peer: PeerId
  readonly transport: Transport
}

/** A node with this key, connected to `address`. */
export async function startRawNode(address: string, key?: RawSigner): Promise<RawNode> {
  const raw = key ?? (await signerFromSeed(new Uint8Array(randomBytes(32))))
  const signer = createSigner(raw)
  const transport = await createNodeTransport({
    signer: raw,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    preset: 'test',
    gate: { allow: () => 'member' },
    randomness: nodeRandomness(),
  })
  await transport.dial(address)
  return { raw, signer, peer: signer.peer, transport }
}

/** The key of a member that was admitted and then replaced by a raw node. */
export async function admittedKey(
  federation: LoopbackFederation,
  name: string,
): Promise<RawSigner> {
  const state = join(federation.folder, name)
  await (await federation.join({ state, nickname: name })).stop()
  return openKeyFile(join(state, 'key.pem'))
}

/** A stream whose hello was accepted or refused; `heard` fills with what the other side says then. */
export async function openCalls(
  node: RawNode,
  to: PeerId,
  hello: Uint8Array = new Uint8Array(),
): Promise<FrameStream & { readonly heard: Uint8Array[]; readonly ended: Promise<void> }> {
  const stream = await node.transport.open(to, '/folkmoot/call/1', { maxFrame: 2 << 20 })
  // Where strangers are refused the stream may be reset already.
  await stream.send(hello).catch(() => {})
  const heard: Uint8Array[] = []
  const judged = Promise.withResolvers<void>()
  const ended = (async () => {
    let first = true
    for await (const frame of stream.frames()) {
      if (!first) heard.push(frame)
      first = false
      judged.resolve()
    }
  })()
    .catch(() => {})
    .finally(() => judged.resolve())
  await judged.promise
  return Object.assign(stream, { heard, ended })
}

/** A call's envelope from `signer` to `to`, with some of its fields replaced. */
export function envelopeOf(
  signer: Signer,
  founder: Pick<Peer, 'fed' | 'me'>,
  change: Partial<Envelope> = {},
): Envelope {
  const sent = change.sent ?? Date.now()
  return {
    v: 1,
    fed: founder.fed,
    id: new Uint8Array(randomBytes(16)),
    from: signer.peer,
    to: founder.me,
    kind: 'call',
    capability: 'ledger.entries',
    sent,
    deadline: sent + 20_000,
    salt: new Uint8Array(randomBytes(16)),
    body: encode({ from: 1 }),
    ...change,
  }
}

/** A record for everyone. */
export function recordOf(
  signer: Signer,
  founder: Pick<Peer, 'fed' | 'me'>,
  capability: string,
  value: unknown,
  change: Partial<Envelope> = {},
): Envelope {
  const { to: _, ...envelope } = envelopeOf(signer, founder, {
    kind: 'record',
    capability,
    body: encode(value),
  })
  return { ...envelope, ...change }
}

/** Signs what `sealEnvelope` would refuse to sign. */
export async function sealAnything(signer: Signer, envelope: unknown): Promise<Uint8Array> {
  const body = encode(envelope)
  return encode([body, await signer.sign('envelope', body)])
}
