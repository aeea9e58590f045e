import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AnyModule, importFile, packageFolder } from './load-module.ts'
import { cidrContains } from './stand-ins/global-unicast.ts'
import { Netmask } from './stand-ins/ip4-range.ts'
import { defaultLogger } from './stand-ins/logger.ts'
import { RelayDiscovery } from './stand-ins/no-discovery.ts'
import { DNSMappings, IPMappings } from './stand-ins/no-mappings.ts'
import * as routers from './stand-ins/no-routers.ts'
import { PlainQueue } from './stand-ins/plain-queue.ts'
import { createScalableCuckooFilter } from './stand-ins/seen-set.ts'
import { tryOnce } from './stand-ins/try-once.ts'
import { multiaddrToUri } from './stand-ins/web-socket-uri.ts'
import { trimPage } from './trim-page.ts'

const outcome = async (run: () => unknown): Promise<unknown> => {
  try {
    return { value: await run() }
  } catch (error) {
    return { error: (error as Error).name }
  }
}

describe('addresses', () => {
  const octet = fc.integer({ min: 0, max: 255 })
  const address = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'))

  it('finds IPv4 addresses in ranges as netmask does', async () => {
    const original = await importFile(
      join(packageFolder('@libp2p/utils', 'netmask'), 'dist/netmask.js'),
    )
    const near = (base: string) =>
      fc.integer({ min: -2, max: 2 }).map((by) => {
        const number = base.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) + by
        const within = Math.max(0, Math.min(2 ** 32 - 1, number))
        return [24, 16, 8, 0].map((shift) => Math.floor(within / 2 ** shift) % 256).join('.')
      })
    fc.assert(
      fc.property(
        address.chain((base) => fc.tuple(fc.constant(base), fc.oneof(near(base), address))),
        fc.integer({ min: 0, max: 32 }),
        ([base, other], bits) => {
          const range = `${base}/${bits}`
          const expected = new original.Netmask(range).contains(other)
          expect(new Netmask(range).contains(other)).toBe(expected)
        },
      ),
    )
    expect(() => new Netmask('10.0.0.0/8').contains('10.0.0')).toThrow('Invalid IP')
    expect(() => new Netmask('10.0.0.0/8').contains('010.0.0.1')).toThrow('Invalid IP')
    expect(() => new Netmask('10.0.0.0/8').contains('10.0.0.256')).toThrow('Invalid IP')
  })

  it('gives the URL of a WebSocket as multiaddr-to-uri does, and refuses every other address', async () => {
    const names = ['@libp2p/websockets', '@multiformats/multiaddr-to-uri'] as const
    const original = await importFile(join(packageFolder(...names), 'dist/src/index.js'))
    const { multiaddr } = await importFile(
      join(packageFolder(...names, '@multiformats/multiaddr'), 'dist/src/index.js'),
    )
    const hosts = [
      'ip4/127.0.0.1',
      'ip6/::1',
      'ip6/2001:db8::7',
      'dns4/moot.example',
      'dns/a.example',
    ]
    const tails = ['ws', 'wss', 'tls/ws', 'tls/sni/b.example/ws']
    const peer = '/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'
    for (const host of hosts) {
      for (const port of [80, 443, 4600]) {
        for (const tail of tails.flatMap((each) => [each, `${each}${peer}`])) {
          const address = multiaddr(`/${host}/tcp/${port}/${tail}`)
          expect(multiaddrToUri(address), `${address}`).toBe(original.multiaddrToUri(address))
        }
      }
    }
    for (const other of [
      `/ip4/127.0.0.1/tcp/1${peer}`,
      `/ip4/127.0.0.1/tcp/1/ws${peer}/p2p-circuit`,
    ]) {
      expect(() => multiaddrToUri(multiaddr(other))).toThrow('not the address of a WebSocket')
    }
  })

  it('tells public IPv6 addresses as @chainsafe/netmask does', async () => {
    const original = await importFile(
      join(packageFolder('@libp2p/utils', '@chainsafe/netmask'), 'dist/src/index.js'),
    )
    const part = fc.integer({ min: 0, max: 0xffff }).map((number) => number.toString(16))
    const full = fc.array(part, { minLength: 8, maxLength: 8 }).map((parts) => parts.join(':'))
    const short = fc
      .array(part, { minLength: 1, maxLength: 5 })
      .map((parts) => `${parts.join(':')}::`)
    fc.assert(
      fc.property(
        fc.oneof(
          full,
          short,
          short.map((text) => `::${text.slice(0, -2)}`),
        ),
        (ip) => {
          expect(cidrContains('2000::/3', ip)).toBe(original.cidrContains('2000::/3', ip))
        },
      ),
    )
    expect(() => cidrContains('fe80::/10', '::1')).toThrow('2000::/3')
  })
})

describe('small data structures', () => {
  it('queues as denque does', async () => {
    const { default: Denque } = await importFile(
      join(packageFolder('@libp2p/gossipsub', 'denque'), 'index.js'),
    )
    const command = fc.constantFrom('push', 'push', 'shift', 'peekFront', 'clear')
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const queue = new PlainQueue<number>()
        const original = new Denque()
        for (const [i, name] of commands.entries()) {
          expect([name, queue[name as 'push'](i)]).toEqual([name, original[name](i)])
        }
      }),
    )
  })

  it('remembers what was seen, strings and bytes apart from each other', () => {
    const seen = createScalableCuckooFilter()
    seen.add('1.2.3.4:5')
    seen.add(Uint8Array.of(1, 2))
    expect(seen.has('1.2.3.4:5')).toBe(true)
    expect(seen.has(Uint8Array.of(1, 2))).toBe(true)
    expect(seen.has('1,2')).toBe(false)
    expect(seen.remove('1.2.3.4:5')).toBe(true)
    expect(seen.has('1.2.3.4:5')).toBe(false)
    for (let i = 0; i < 10_000; i += 1) seen.add(`${i}`)
    expect(seen.count).toBeLessThanOrEqual(4_096)
  })

  it('tries once as p-retry does without retries', async () => {
    const { default: pRetry } = await importFile(
      join(packageFolder('libp2p', 'p-retry'), 'index.js'),
    )
    const runs = [async () => 7, async () => Promise.reject(new RangeError('no'))]
    for (const run of runs) {
      for (const signal of [new AbortController().signal, AbortSignal.abort()]) {
        const options = { retries: 0, signal }
        expect(await outcome(() => tryOnce(run, options))).toEqual(
          await outcome(() => pRetry(run, options)),
        )
      }
    }
    await expect(tryOnce(async () => 7, { retries: 3 })).rejects.toThrow('left out')
  })
})

describe('parts of libp2p that a tab leaves empty', () => {
  const components = { logger: defaultLogger(), events: new EventTarget() }
  const original = (file: string) => importFile(join(packageFolder('libp2p'), 'dist/src', file))
  const first = (source: AsyncIterable<unknown>) => source[Symbol.asyncIterator]().next()

  it('answers as routing without routers does', async () => {
    const { DefaultPeerRouting } = await original('peer-routing.js')
    const { CompoundContentRouting } = await original('content-routing.js')
    const calls: [(routing: AnyModule) => unknown, AnyModule, AnyModule][] = []
    const peers = [new DefaultPeerRouting(components), new routers.DefaultPeerRouting(components)]
    calls.push([(r) => r.findPeer('p'), peers[0], peers[1]!])
    calls.push([(r) => first(r.getClosestPeers(new Uint8Array(1))), peers[0], peers[1]!])
    const before = new CompoundContentRouting(components, {})
    await before.start()
    const after = new routers.CompoundContentRouting(components, {})
    for (const name of ['provide', 'cancelReprovide', 'put', 'get']) {
      calls.push([(r) => r[name](new Uint8Array(1)), before, after])
    }
    calls.push([(r) => first(r.findProviders('c')), before, after])
    for (const [call, theirs, ours] of calls) {
      expect(await outcome(() => call(ours)), String(call)).toEqual(
        await outcome(() => call(theirs)),
      )
    }
    const routed = { routers: [{}] }
    expect(() => new routers.DefaultPeerRouting(components, routed)).toThrow('left out')
    expect(() => new routers.CompoundContentRouting(components, routed)).toThrow('left out')
    await expect(first(new routers.RandomWalk().walk())).rejects.toThrow('No routers')
  })

  it('begins no search for relays', async () => {
    const { RelayDiscovery: Original } = await importFile(
      join(packageFolder('@libp2p/circuit-relay-v2'), 'dist/src/transport/discovery.js'),
    )
    const theirs = new Original({ ...components, registrar: { register: () => 'x' } }, {})
    const ours = new RelayDiscovery()
    for (const name of ['start', 'stopDiscovery', 'stop'] as const) {
      expect(await outcome(() => ours[name]())).toMatchObject({})
      expect(typeof theirs[name]).toBe('function')
    }
    expect(() => ours.startDiscovery()).toThrow('left out')
  })

  it('answers as empty address mappings do', async () => {
    const { multiaddr } = await importFile(
      join(packageFolder('@multiformats/multiaddr'), 'dist/src/index.js'),
    )
    const here = multiaddr('/ip4/203.0.113.7/tcp/4001')
    for (const [file, name, StandIn] of [
      ['ip-mappings.js', 'IPMappings', IPMappings],
      ['dns-mappings.js', 'DNSMappings', DNSMappings],
    ] as const) {
      const theirs = new (await original(`address-manager/${file}`))[name](components)
      const ours = new StandIn()
      expect(ours.has()).toBe(theirs.has(here))
      expect(ours.remove()).toBe(theirs.remove(here))
      expect(ours.confirm()).toBe(theirs.confirm(here, 1))
      expect(ours.unconfirm()).toBe(theirs.unconfirm(here, 1))
      expect(ours.getAll()).toEqual(theirs.getAll([{ multiaddr: here }]))
      expect(() => ours.add()).toThrow('left out')
    }
  })
})

describe('a bundle with the stand-ins', () => {
  let folder = ''
  let bundled: AnyModule = {}

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'folkmoot-stand-ins-'))
    const transport = join(import.meta.dirname, '../../packages/transport')
    const entry = join(transport, 'virtual-keys.js')
    await build({
      configFile: false,
      root: transport,
      logLevel: 'error',
      plugins: [
        trimPage({ expectAll: false }),
        {
          name: 'entry',
          resolveId: (id) => (id.endsWith('virtual-keys.js') ? entry : null),
          load: (id) =>
            id === entry
              ? `export * from '@libp2p/crypto/keys'
                 export { multiaddr } from '@multiformats/multiaddr'
                 export { bases } from 'multiformats/basics'`
              : null,
        },
      ],
      build: {
        outDir: folder,
        minify: false,
        lib: { entry, formats: ['es'], fileName: () => 'keys.mjs' },
      },
    })
    bundled = await importFile(join(folder, 'keys.mjs'))
  }, 180_000)

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('knows ed25519 keys and refuses every other kind', async () => {
    const keys = await importFile(join(packageFolder('@libp2p/crypto'), 'dist/src/keys/index.js'))
    for (const type of ['Ed25519', 'secp256k1', 'ECDSA', 'RSA']) {
      const { publicKey } = await keys.generateKeyPair(type)
      const bytes = keys.publicKeyToProtobuf(publicKey)
      const read = () => bundled.publicKeyFromProtobuf(bytes)
      if (type === 'Ed25519') {
        expect(bundled.publicKeyToProtobuf(read())).toEqual(bytes)
        expect(bundled.publicKeyFromRaw(publicKey.raw).equals(publicKey)).toBe(true)
      } else {
        expect(read).toThrow(expect.objectContaining({ name: 'UnsupportedKeyTypeError' }))
        expect(() => bundled.publicKeyFromRaw(publicKey.raw)).toThrow()
      }
    }
  })

  it('reads every encoding but emoji', () => {
    const bytes = Uint8Array.of(0, 1, 254, 255)
    for (const [name, codec] of Object.entries(bundled.bases as AnyModule)) {
      if (name === 'base256emoji') expect(() => codec.encode(bytes)).toThrow('left out')
      else expect(codec.decode(codec.encode(bytes)), name).toEqual(bytes)
    }
    const text =
      '/ip4/1.2.3.4/udp/9/webrtc-direct/certhash/uEiAAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw'
    expect(bundled.multiaddr(text).toString()).toBe(text)
  })
})
