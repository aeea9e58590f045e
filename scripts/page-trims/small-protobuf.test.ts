import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AnyModule, importFile, packageFolder } from './load-module.ts'

const standIn = pathToFileURL(join(import.meta.dirname, 'stand-ins/small-protobuf.ts')).href
const bytes = fc.uint8Array({ maxLength: 300 })
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 4 })
const optional = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .record(Object.fromEntries(Object.entries(fields).map(([name, of]) => [name, maybe(of)])))
    .map((value) => Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)))

/** Every kind of field that a codec of libp2p has, in the messages that a tab sends. */
const codecs: readonly [packages: string[], file: string, name: string, fc.Arbitrary<object>][] = [
  [
    ['@libp2p/gossipsub'],
    'message/rpc.js',
    'RPC',
    fc.record({
      subscriptions: list(optional({ subscribe: fc.boolean(), topic: text })),
      messages: list(
        fc.record({ topic: text }).chain(({ topic }) =>
          optional({ from: bytes, data: bytes, seqno: bytes }).map((rest) => ({
            topic,
            ...rest,
          })),
        ),
      ),
      control: fc.record({
        ihave: list(fc.record({ topicID: text, messageIDs: list(bytes) })),
        iwant: list(fc.record({ messageIDs: list(bytes) })),
        graft: list(optional({ topicID: text })),
        prune: list(
          fc.record({
            topicID: text,
            peers: list(optional({ peerID: bytes })),
            backoff: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
          }),
        ),
        idontwant: list(fc.record({ messageIDs: list(bytes) })),
      }),
    }),
  ],
  [
    ['@libp2p/circuit-relay-v2'],
    'pb/index.js',
    'HopMessage',
    optional({
      type: fc.constantFrom('RESERVE', 'CONNECT', 'STATUS'),
      peer: fc.record({ id: bytes, addrs: list(bytes) }),
      limit: optional({
        duration: fc.nat({ max: 0xffff_ffff }),
        data: fc.bigInt(0n, 2n ** 64n - 1n),
      }),
      status: fc.constantFrom('OK', 'NO_RESERVATION', 'UNEXPECTED_MESSAGE'),
    }),
  ],
  [
    ['@libp2p/noise'],
    'proto/payload.js',
    'NoiseHandshakePayload',
    fc.record({
      identityKey: bytes,
      identitySig: bytes,
      extensions: fc.record({ webtransportCerthashes: list(bytes), streamMuxers: list(text) }),
    }),
  ],
  [
    ['@libp2p/identify'],
    'pb/message.js',
    'Identify',
    fc.record({
      agentVersion: text,
      publicKey: bytes,
      listenAddrs: list(bytes),
      protocols: list(text),
    }),
  ],
  [
    ['@libp2p/webrtc'],
    'private-to-private/pb/message.js',
    'Message',
    optional({ type: fc.constantFrom('SDP_OFFER', 'ICE_CANDIDATE'), data: text }),
  ],
  [
    ['@libp2p/identify', '@libp2p/peer-record'],
    'peer-record/peer-record.js',
    'PeerRecord',
    fc.record({
      peerId: bytes,
      seq: fc.bigInt(0n, 2n ** 64n - 1n),
      addresses: list(fc.record({ multiaddr: bytes })),
    }),
  ],
]

describe('the small protobuf', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'folkmoot-protobuf-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  /** The same codec on either runtime. */
  async function both(packages: string[], file: string, name: string) {
    const path = join(packageFolder(...packages), 'dist/src', file)
    const beside = (from: string) =>
      pathToFileURL(join(packageFolder(...packages, from), 'dist/src/index.js')).href
    const code = (await readFile(path, 'utf8'))
      .replace(/\n\/\/# sourceMappingURL=.*/, '')
      .replace(`from 'protons-runtime'`, `from '${standIn}'`)
      .replace(
        /from 'uint8arrays\/alloc'/,
        () => `from '${beside('uint8arrays').replace('index.js', 'alloc.js')}'`,
      )
    const copy = join(folder, `${name}.mjs`)
    await writeFile(copy, code)
    const theirs = (await importFile(path))[name] as AnyModule
    const ours = (await importFile(copy))[name] as AnyModule
    return { theirs, ours }
  }
  const outcome = (run: () => unknown) => {
    try {
      return { value: run() }
    } catch {
      return 'refused'
    }
  }

  it.each(codecs)(
    'writes and reads %s %s %s as protons-runtime does',
    async (...[packages, file, name, values]) => {
      const { theirs, ours } = await both(packages, file, name)
      fc.assert(
        fc.property(values, (value) => {
          const encoded: Uint8Array = theirs.encode(value)
          expect(ours.encode(value)).toEqual(new Uint8Array(encoded))
          expect(ours.decode(encoded)).toEqual(theirs.decode(encoded))
        }),
        { numRuns: 200 },
      )
    },
  )

  it.each(codecs)(
    'refuses %s %s %s where it is cut off, as protons-runtime does',
    async (...[packages, file, name, values]) => {
      const { theirs, ours } = await both(packages, file, name)
      fc.assert(
        fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (value, share) => {
          const encoded: Uint8Array = theirs.encode(value)
          const cut = encoded.subarray(0, Math.floor(share * encoded.length))
          const expected = outcome(() => theirs.decode(cut))
          const got = outcome(() => ours.decode(cut))
          // Where the original reads past the end and makes up a number, ours refuses.
          if (got !== 'refused') expect(got).toEqual(expected)
          else expect(cut.length).toBeLessThan(encoded.length)
        }),
        { numRuns: 200 },
      )
    },
  )

  it('skips fields that it does not know, and refuses what is no field', async () => {
    const { theirs, ours } = await both(
      ['@libp2p/webrtc'],
      'private-to-private/pb/message.js',
      'Message',
    )
    const known = [18, 1, 97]
    for (const unknown of [
      [32, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
      [33, 1, 2, 3, 4, 5, 6, 7, 8],
      [34, 3, 1, 2, 3],
      [37, 1, 2, 3, 4],
    ]) {
      const whole = Uint8Array.from([...unknown, ...known])
      expect(ours.decode(whole)).toEqual(theirs.decode(whole))
      expect(ours.decode(whole)).toMatchObject({ data: 'a' })
    }
    for (const wrong of [[34, 200, 1], [38], [39], [37, 1], [33, 1], [8, 9]]) {
      expect(() => ours.decode(Uint8Array.from(wrong)), `${wrong}`).toThrow()
    }
  })
})
