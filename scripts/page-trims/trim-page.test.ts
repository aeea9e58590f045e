import { globSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseAst } from 'vite'
import { describe, expect, it } from 'vitest'
import { findScoreChecks } from './find-score-checks.ts'
import { findSilentCalls } from './find-silent-calls.ts'
import { type AnyModule, importCodec, importFile, packageFolder } from './load-module.ts'
import { trimModule } from './trim-page.ts'
import { applyCuts, type TreeNode } from './walk-tree.ts'

const silence = (code: string): string =>
  applyCuts(code, findSilentCalls(parseAst(code) as unknown as TreeNode))

const installed = [
  'libp2p',
  ...['circuit-relay-v2', 'crypto', 'gossipsub', 'identify', 'noise', 'ping', 'utils'].map(
    (name) => `@libp2p/${name}`,
  ),
  ...['webrtc', 'websockets', 'yamux'].map((name) => `@libp2p/${name}`),
]
const modules = installed.flatMap((name) => {
  const folder = join(packageFolder(name), 'dist/src')
  return globSync('**/*.js', { cwd: folder, exclude: (path) => /server|bench/.test(path) }).map(
    (path) => join(folder, path),
  )
})

describe('silent calls', () => {
  it.each([
    `this.log('dialled %p in %d ms', peer, Date.now() - start)`,
    `stream.log.error('it broke - %e', error)`,
    `this.log?.trace(\`\${peer} has gone\`, peers.map((one) => one.toString()).join())`,
    `log.trace('ready')`,
    `this.metrics?.dials.increment({ [kind]: sent += 1 })`,
  ])('cuts %s', (code) => {
    expect(silence(code)).toBe(';')
  })

  it.each([
    `Math.log(2)`,
    `console.log('x')`,
    `this.catalog('x')`,
    `log('x', count++)`,
    `log('x', (last = peer))`,
    `log('x', await next())`,
    `log('x', queue.shift())`,
    `log('x', new Lock())`,
    `const written = log('x')`,
    `this.metrics.dials.increment()`,
    `this.node?.metrics.dials()`,
  ])('keeps %s', (code) => {
    expect(silence(code)).toBe(code)
  })

  it('keeps the shape of what is around', () => {
    expect(silence(`if (a) log('x'); else b()`)).toBe('if (a) ; else b()')
    expect(silence(`p.catch((e) => { log('%e', e) })`)).toBe('p.catch((e) => { ; })')
  })
})

describe('reports of our own', () => {
  const cut = (code: string) => trimModule('/packages/any/src/any.ts', code)

  it.each([
    `logger.log('debug', 'a session ended', { reason: errorMessage(error) })`,
    `init.logger.log('warn', 'a peer served a bad ledger entry', { code: verdict.fault.code })`,
    `metrics.count('folkmoot_transport_gossip_total', { verdict })`,
  ])('leaves out %s', (code) => {
    expect(cut(code)).toBe(';')
  })

  it.each([
    `platform.log('audit')`,
    `how.log(result)`,
    `Math.log(2)`,
    `logger.log(level, 'x')`,
    `logger.log('debug', 'x', { left: queue.shift() })`,
    `const kept = logger.log('debug', 'x')`,
    `letters.count('a')`,
  ])('keeps %s', (code) => {
    expect(cut(code)).toBe(code)
  })
})

describe('the modules of libp2p', () => {
  it('still parse when trimmed, and nothing is added to them', () => {
    expect(modules.length).toBeGreaterThan(200)
    for (const path of modules) {
      const code = readFileSync(path, 'utf8')
      const trimmed = trimModule(path, code)
      expect(() => parseAst(trimmed), path).not.toThrow()
      expect(trimmed.length, path).toBeLessThanOrEqual(code.length + 200)
    }
  })

  it('leave nothing in gossipsub that asks for metrics', () => {
    const path = join(packageFolder('@libp2p/gossipsub'), 'dist/src/gossipsub.js')
    const trimmed = trimModule(path, readFileSync(path, 'utf8'))
    expect(trimmed).not.toMatch(/this\.metrics(?! = |;)|options\.metricsRegister/)
    expect(trimmed).toContain('if (null != null)')
  })

  it('leave out the check of scores that are constants, and nothing else that is checked', () => {
    const path = join(packageFolder('@libp2p/gossipsub'), 'dist/src/score/peer-score.js')
    const code = readFileSync(path, 'utf8')
    expect(code).toContain('validatePeerScoreParams(params);')
    expect(trimModule(path, code)).not.toContain('validatePeerScoreParams(params)')
    expect(applyCuts('validate(p)', findScoreChecks(parseAst('validate(p)') as never))).toBe(
      'validate(p)',
    )
  })

  it('have no caller of a streaming decoder', () => {
    for (const path of modules) {
      const code = readFileSync(path, 'utf8')
      if (/from 'protons-runtime'/.test(code)) continue
      expect(code, path).not.toMatch(/\b[A-Z]\w*\.(?:stream|codec)\(/)
      expect(code, path).not.toMatch(/\bstreamMessage\b/)
    }
  })
})

describe('generated codecs', () => {
  const bytes = (...values: number[]) => Uint8Array.from(values)
  const samples: readonly [
    name: string,
    file: string,
    value: (m: AnyModule) => [unknown, AnyModule][],
  ][] = [
    [
      '@libp2p/gossipsub',
      'message/rpc.js',
      ({ RPC }) => [
        [
          {
            subscriptions: [{ subscribe: true, topic: 'a' }],
            messages: [{ from: bytes(1), data: bytes(2, 3), topic: 't', seqno: bytes(9) }],
            control: {
              ihave: [{ topicID: 't', messageIDs: [bytes(4)] }],
              iwant: [{ messageIDs: [bytes(5)] }],
              graft: [{ topicID: 't' }],
              prune: [{ topicID: 't', peers: [{ peerID: bytes(6) }], backoff: 60 }],
              idontwant: [{ messageIDs: [bytes(7)] }],
            },
          },
          RPC,
        ],
      ],
    ],
    [
      '@libp2p/circuit-relay-v2',
      'pb/index.js',
      ({ HopMessage, StopMessage }) => [
        [
          {
            type: 'STATUS',
            peer: { id: bytes(1), addrs: [bytes(2)] },
            reservation: { expire: 7n, addrs: [bytes(3)], voucher: undefined },
            limit: { duration: 60, data: 1_000n },
            status: 'OK',
          },
          HopMessage,
        ],
        [{ type: 'CONNECT', peer: { id: bytes(1), addrs: [] }, status: 'UNUSED' }, StopMessage],
      ],
    ],
  ]

  it.each(samples)('%s %s encodes and decodes as before', async (name, file, values) => {
    const path = join(packageFolder(name), 'dist/src', file)
    const trimmed = trimModule(path, readFileSync(path, 'utf8'))
    expect(trimmed).not.toMatch(/function ?\*|function stream\b/)
    const before = values(await importFile(path))
    const after = values(await importCodec(trimmed, [name]))
    for (const [i, [value, codec]] of before.entries()) {
      const encoded = codec.encode(value)
      const other = after[i]![1]
      expect(other.encode(value)).toEqual(encoded)
      expect(other.decode(encoded)).toEqual(codec.decode(encoded))
      expect(() => other.decode(encoded.subarray(0, -1))).toThrow()
      expect(other.stream).toBeUndefined()
    }
    expect(dirname(path)).toContain(name)
  })
})

describe('the charts', () => {
  it('leave out what is switched off, and fail by name when uPlot has changed', () => {
    const installed = join(import.meta.dirname, '../../apps/web/node_modules/uplot')
    const path = join(realpathSync(installed), 'dist/uPlot.esm.js')
    const trimmed = trimModule(path, readFileSync(path, 'utf8'))
    expect(() => parseAst(trimmed)).not.toThrow()
    expect(trimmed.length).toBeLessThan(readFileSync(path).length - 25_000)
    expect(() => trimModule(path, 'const showLegend = 1')).toThrow('updateCursor')
  })
})

describe('what the trims take for granted', () => {
  const source = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

  it('no metrics, no retries, no routers, no lists of networks in a node of ours', () => {
    const node = source('packages/transport/src/libp2p-node.ts')
    expect(node).toContain('reconnectRetries: 0')
    expect(node).not.toMatch(/\b(?:metrics|dns|peerRouters|contentRouters|logger|allow|deny): /)
    expect(source('packages/transport/src/gossip-options.ts')).not.toMatch(/metrics/i)
  })

  it('no node that listens on whatever relay there is', () => {
    const web = source('packages/transport/src/web/create-web-transport.ts')
    expect(web).toContain("listen: init.webrtc ? ['/webrtc'] : []")
    expect(web).not.toContain("'/p2p-circuit'")
  })

  it('charts without cursor, legend, dates or other paths than lines and bars', () => {
    const chart = source('apps/web/src/draw-chart.ts')
    expect(chart).toContain('cursor: { show: false }')
    expect(chart).toContain('legend: { show: false }')
    expect(chart).toContain('time: false')
    expect(chart).not.toMatch(/spline|stepped|join|sync|fmtDate|setCursor|setSelect/)
  })

  it('a peer in a tab without a logger and without metrics', () => {
    expect(source('apps/web/src/session/lead.ts')).not.toMatch(/logger|metrics/)
    const platform = source('packages/federation/src/web/web-platform.ts')
    expect(platform).toContain('logger: init.logger ?? silentLogger')
    expect(platform).toContain('metrics: silentMetrics')
  })

  it('a tab is a member, never a founder', () => {
    const lead = source('apps/web/src/session/lead.ts')
    expect(lead).toContain("kind: 'member'")
    expect(lead).not.toContain("kind: 'founder'")
  })
})
