import { FederationError } from '@folkmoot/base'
import { afterEach, describe, expect, it } from 'vitest'
import type { FrameStream } from '../transport.ts'
import { type LabNode, labNode, stopLab, until } from './lab.ts'

const ECHO = '/folkmoot/echo/1'
const TOPIC = '/folkmoot/1/test/presence'

afterEach(stopLab)

function echo({ transport }: LabNode, options = {}) {
  transport.handle(
    ECHO,
    async (stream) => {
      try {
        for await (const frame of stream.frames()) await stream.send(frame)
        await stream.close()
      } catch {}
    },
    options,
  )
}

async function pair(): Promise<[LabNode, LabNode]> {
  const a = await labNode({ seed: 1 })
  const b = await labNode({ seed: 2 })
  await a.transport.dial(b.transport.addresses()[0]!)
  return [a, b]
}

async function code(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'no error',
    (error) => (error instanceof FederationError ? error.code : String(error)),
  )
}

function listen({ transport }: LabNode, heard: string[]) {
  transport.subscribe(TOPIC, {
    maxBytes: 1_024,
    validate: async () => 'accept',
    deliver: (bytes) => heard.push(new TextDecoder().decode(bytes)),
  })
}
const say = (text: string) => new TextEncoder().encode(text)

describe('listening', () => {
  it('is on every address or not at all: another program may have one of two', async () => {
    const { transport } = await labNode({ seed: 1 })
    const [taken] = /\/ip4\/127.0.0.1\/tcp\/\d+/.exec(transport.addresses()[0]!)!
    for (const listen of [
      [taken, '/ip4/127.0.0.1/tcp/0/ws'],
      [`${taken}/ws`, '/ip4/127.0.0.1/tcp/0'],
    ]) {
      expect(await code(labNode({ seed: 2, listen }))).toBe('transport/listen')
    }
  })
})

describe('streams', () => {
  it('carry whole frames of any size up to the bound, both ways', async () => {
    const [a, b] = await pair()
    echo(b)
    const stream = await a.transport.open(b.transport.peer, ECHO)
    const sizes = [0, 1, 127, 128, 16_384, 300_000, 1024 * 1024]
    const back: number[] = []
    const reading = (async () => {
      for await (const frame of stream.frames()) back.push(frame.byteLength)
    })()
    for (const size of sizes) await stream.send(new Uint8Array(size))
    await stream.close()
    await reading
    expect(back).toEqual(sizes)
    expect(stream.link.kind).toBe('tcp')
  })

  it('hang up on a peer that sends a frame over the bound', async () => {
    const [a, b] = await pair()
    echo(b, { maxFrame: 1_000 })
    const stream = await a.transport.open(b.transport.peer, ECHO)
    await stream.send(new Uint8Array(1_001)).catch(() => {})
    await until(() => b.transport.links().length === 0)
    expect(b.counts.get('folkmoot_transport_offences_total transport/frame')).toBe(1)
  })

  it('cut a sender that floods a reader who does not read', async () => {
    const [a, b] = await pair()
    let held: FrameStream | undefined
    b.transport.handle(ECHO, (stream) => {
      held = stream
    })
    const stream = await a.transport.open(b.transport.peer, ECHO)
    const flood = (async () => {
      for (let i = 0; i < 64; i++) await stream.send(new Uint8Array(256 * 1024))
    })()
    flood.catch(() => {})
    await until(() => b.counts.get('folkmoot_transport_offences_total transport/overrun') === 1)
    expect(held).toBeDefined()
  })

  it('are bounded in number per peer, and one flooding peer costs another nothing', async () => {
    const server = await labNode({ seed: 1 })
    const flooder = await labNode({ seed: 2 })
    const quiet = await labNode({ seed: 3 })
    let open = 0
    let most = 0
    server.transport.handle(
      ECHO,
      async (stream) => {
        open += 1
        most = Math.max(most, open)
        try {
          for await (const frame of stream.frames()) await stream.send(frame)
        } catch {}
        open -= 1
      },
      { maxStreamsPerPeer: 4 },
    )
    const [address] = server.transport.addresses()
    await flooder.transport.dial(address!)
    await quiet.transport.dial(address!)
    const attempts = Array.from({ length: 40 }, () =>
      flooder.transport.open(server.transport.peer, ECHO).catch(() => undefined),
    )
    const stream = await quiet.transport.open(server.transport.peer, ECHO)
    await stream.send(say('still served'))
    const first = await stream.frames()[Symbol.asyncIterator]().next()
    expect(new TextDecoder().decode(first.value)).toBe('still served')
    await Promise.all(attempts)
    expect(most).toBeLessThanOrEqual(5)
  })

  it('end with an error when the connection dies, cleanly when the other side closes', async () => {
    const [a, b] = await pair()
    echo(b)
    const clean = await a.transport.open(b.transport.peer, ECHO)
    await clean.close()
    const frames: Uint8Array[] = []
    for await (const frame of clean.frames()) frames.push(frame)
    expect(frames).toEqual([])
    const cut = await a.transport.open(b.transport.peer, ECHO)
    await cut.send(say('x'))
    const reading = code(
      (async () => {
        for await (const _ of cut.frames()) {
          b.standings.set(a.transport.peer, 'revoked')
          b.transport.refresh()
        }
      })(),
    )
    expect(await reading).toBe('transport/closed')
    expect(await code(cut.send(say('y')))).toBe('transport/closed')
  })
})

describe('the gate', () => {
  it('lets a stranger open the join protocol and nothing else', async () => {
    const [a, b] = await pair()
    b.standings.set(a.transport.peer, 'unknown')
    echo(b)
    const joined: string[] = []
    b.transport.handle('/folkmoot/join/1', (stream) => void joined.push(stream.peer), {
      maxFrame: 4_096,
      maxStreamsPerPeer: 1,
      timeoutMs: 300,
    })
    const join = await a.transport.open(b.transport.peer, '/folkmoot/join/1')
    await until(() => joined.length === 1)
    const refused = await code(
      (async () => {
        const stream = await a.transport.open(b.transport.peer, ECHO)
        for await (const _ of stream.frames());
      })(),
    )
    expect(['transport/closed', 'transport/unreachable']).toContain(refused)
    // The join stream is cut after its time.
    expect(
      await code(
        (async () => {
          for await (const _ of join.frames());
        })(),
      ),
    ).toBe('transport/closed')
  })

  it('refuses to open a members’ protocol to a stranger', async () => {
    const [a, b] = await pair()
    a.standings.set(b.transport.peer, 'unknown')
    expect(await code(a.transport.open(b.transport.peer, ECHO))).toBe('transport/not-member')
  })

  it('cuts a peer when it is revoked, and refuses its return in both directions', async () => {
    const [a, b] = await pair()
    echo(b)
    await until(() => b.transport.links().length === 1)
    b.standings.set(a.transport.peer, 'revoked')
    b.transport.refresh(a.transport.peer)
    await until(() => b.transport.links().length === 0 && a.transport.links().length === 0)
    const back = await code(
      (async () => {
        await a.transport.dial(b.transport.addresses()[0]!)
        const stream = await a.transport.open(b.transport.peer, ECHO)
        await stream.send(say('x'))
        for await (const _ of stream.frames()) throw new Error('answered')
        throw new FederationError('transport/closed', 'nothing came')
      })(),
    )
    expect(['transport/closed', 'transport/unreachable']).toContain(back)
    expect(await code(b.transport.dial(a.transport.addresses()[0]!))).not.toBe('no error')
  })

  it('hears a revoked key for a moment where joining is served, and nothing but that', async () => {
    const [a, b] = await pair()
    echo(b, { strangers: true })
    b.transport.handle(
      '/folkmoot/join/1',
      async (stream) => {
        await stream.send(say('you were revoked'))
        await stream.close()
      },
      { strangers: true, maxStreamsPerPeer: 1 },
    )
    const held = await a.transport.open(b.transport.peer, ECHO)
    await until(() => b.transport.links().length === 1)
    b.standings.set(a.transport.peer, 'revoked')
    b.transport.refresh(a.transport.peer)
    // What it held is cut at once.
    expect(
      await code(
        (async () => {
          for await (const _ of held.frames());
        })(),
      ),
    ).toBe('transport/closed')
    await until(() => a.transport.links().length === 0)
    await a.transport.dial(b.transport.addresses()[0]!)
    const asking = await a.transport.open(b.transport.peer, '/folkmoot/join/1')
    const heard: string[] = []
    for await (const frame of asking.frames()) heard.push(new TextDecoder().decode(frame))
    expect(heard).toEqual(['you were revoked'])
    const refused = await code(
      (async () => {
        const stream = await a.transport.open(b.transport.peer, ECHO)
        for await (const _ of stream.frames());
      })(),
    )
    expect(['transport/closed', 'transport/unreachable']).toContain(refused)
    expect(b.transport.links()).toEqual([])
    await until(() => a.transport.links().length === 0)
    // Nor may it ask without end.
    const dials: string[] = []
    for (let n = 0; n < 6; n++) {
      dials.push(
        await code(
          (async () => {
            await a.transport.dial(b.transport.addresses()[0]!)
            const stream = await a.transport.open(b.transport.peer, '/folkmoot/join/1')
            for await (const _ of stream.frames());
          })(),
        ),
      )
      await a.transport.hangUp(b.transport.peer, 'test')
    }
    expect(dials.filter((each) => each === 'no error').length).toBeLessThan(6)
  })

  it('sends a stranger away who does not join', async () => {
    const a = await labNode({ seed: 1 })
    const b = await labNode({ seed: 2, limits: { strangerMs: 300 } })
    b.standings.set(a.transport.peer, 'unknown')
    await a.transport.dial(b.transport.addresses()[0]!)
    await until(() => b.transport.links().length === 1)
    await until(() => b.transport.links().length === 0)
  })

  it('keeps gossip from strangers until they are members, without a new connection', async () => {
    const [a, b] = await pair()
    b.standings.set(a.transport.peer, 'unknown')
    const heardA: string[] = []
    const heardB: string[] = []
    listen(a, heardA)
    listen(b, heardB)
    for (let i = 0; i < 6; i++) {
      await a.transport.publish(TOPIC, say(`early a ${i}`))
      await b.transport.publish(TOPIC, say(`early b ${i}`))
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    expect([heardA, heardB]).toEqual([[], []])
    b.standings.set(a.transport.peer, 'member')
    b.transport.refresh(a.transport.peer)
    let round = 0
    await until(async () => {
      round += 1
      await a.transport.publish(TOPIC, say(`late a ${round}`))
      await b.transport.publish(TOPIC, say(`late b ${round}`))
      return heardA.length > 0 && heardB.length > 0
    })
  })

  it('lets gossip begin with a member that was a stranger, also while others join all the time', async () => {
    const [a, b] = await pair()
    b.standings.set(a.transport.peer, 'unknown')
    const heard: string[] = []
    listen(a, [])
    listen(b, heard)
    await until(() => b.transport.links().length === 1)
    await new Promise((resolve) => setTimeout(resolve, 500))
    b.standings.set(a.transport.peer, 'member')
    // Each final entry of the ledger is a reason to look at all standings anew.
    const others = setInterval(() => {
      a.transport.refresh()
      b.transport.refresh()
    }, 100)
    try {
      let round = 0
      await until(async () => {
        round += 1
        await a.transport.publish(TOPIC, say(`late ${round}`))
        return heard.length > 0
      })
    } finally {
      clearInterval(others)
    }
  })
})

describe('gossip', () => {
  it('reaches 14 peers behind one address through a relay that hears too', async () => {
    const relay = await labNode({ seed: 99, listen: ['/ip4/127.0.0.1/tcp/0/ws'], relay: {} })
    listen(relay, [])
    const [address] = relay.transport.addresses()
    const peers = await Promise.all(
      Array.from({ length: 14 }, (_, i) =>
        labNode({ seed: i + 1, listen: [], relays: [address!] }),
      ),
    )
    const heard = peers.map((peer) => {
      const list: string[] = []
      listen(peer, list)
      return list
    })
    await until(() => relay.transport.links().length >= 14)
    let round = 0
    await until(async () => {
      round += 1
      await Promise.all(peers.map((p, i) => p.transport.publish(TOPIC, say(`${i} ${round}`))))
      await new Promise((resolve) => setTimeout(resolve, 300))
      return heard.every((list, me) =>
        peers.every((_, i) => i === me || list.some((line) => line.startsWith(`${i} `))),
      )
    })
  })

  it('rejects what is over the topic’s bound, and silences a forwarder after six rejects', async () => {
    const [a, b] = await pair()
    const heard: string[] = []
    listen(b, heard)
    a.transport.subscribe(TOPIC, {
      maxBytes: 100_000,
      validate: async () => 'accept',
      deliver: () => {},
    })
    let round = 0
    await until(async () => {
      await a.transport.publish(TOPIC, say(`hello ${round++}`))
      return heard.length > 0
    })
    for (let i = 0; i < 8; i++) {
      await a.transport.publish(TOPIC, new Uint8Array(2_000).fill(i))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    // The score is cached for a second.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const before = heard.length
    for (let i = 0; i < 5; i++) await a.transport.publish(TOPIC, say(`ignored ${i}`))
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(heard.length).toBe(before)
    expect(await code(b.transport.publish(TOPIC, new Uint8Array(2_000)))).toBe(
      'transport/too-large',
    )
  })
})

describe('a relay', () => {
  const port = 42_000 + (process.pid % 10_000)

  it('carries a circuit between two peers that cannot dial each other, and is reserved again after it was gone', async () => {
    const listen = [`/ip4/127.0.0.1/tcp/${port}/ws`]
    let relay = await labNode({ seed: 99, listen, relay: {} })
    const address = relay.transport.addresses()[0]!
    const a = await labNode({ seed: 1, listen: [], relays: [address] })
    const b = await labNode({ seed: 2, listen: [], relays: [address] })
    echo(b)
    const exchange = async () => {
      const stream = await a.transport.open(b.transport.peer, ECHO)
      await stream.send(say('hi'))
      const { value } = await stream.frames()[Symbol.asyncIterator]().next()
      stream.abort(new Error('done'))
      return [new TextDecoder().decode(value), stream.link.kind]
    }
    await until(() => b.transport.addresses().length > 0)
    expect(await exchange()).toEqual(['hi', 'relayed'])

    await relay.transport.stop()
    await until(() => a.transport.links().length === 0 && b.transport.links().length === 0)
    relay = await labNode({ seed: 99, listen, relay: {} })
    await until(() => a.transport.addresses().length > 0 && b.transport.addresses().length > 0)
    await until(async () => (await exchange().catch(() => ['no']))[0] === 'hi')
  })

  it('keeps one circuit between two peers, also where it grants little', async () => {
    const listen = ['/ip4/127.0.0.1/tcp/0/ws']
    const relay = await labNode({ seed: 99, listen, relay: { circuitBytes: 1 << 20 } })
    const relays = [relay.transport.addresses()[0]!]
    const a = await labNode({ seed: 1, listen: [], relays })
    const b = await labNode({ seed: 2, listen: [], relays })
    await until(() => b.transport.addresses().length > 0)
    await a.transport.dialPeer(b.transport.peer)
    const circuits = () => a.transport.links().filter(({ kind }) => kind === 'relayed').length
    await until(() => circuits() === 1)
    // Some rounds of upkeep, each of which would make another one.
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    expect(circuits()).toBe(1)
  })

  it('has a circuit replaced before its time is up', async () => {
    const listen = ['/ip4/127.0.0.1/tcp/0/ws']
    const relay = await labNode({ seed: 99, listen, relay: { circuitMs: 30_000 } })
    const relays = [relay.transport.addresses()[0]!]
    const a = await labNode({ seed: 1, listen: [], relays })
    const b = await labNode({ seed: 2, listen: [], relays })
    await until(() => b.transport.addresses().length > 0)
    await a.transport.dialPeer(b.transport.peer)
    const circuits = () => a.transport.links().filter(({ kind }) => kind === 'relayed').length
    expect(circuits()).toBe(1)
    await until(() => circuits() === 2)
  })

  it('gives strangers no reservation and no circuit', async () => {
    const relay = await labNode({ seed: 99, listen: ['/ip4/127.0.0.1/tcp/0/ws'], relay: {} })
    const address = relay.transport.addresses()[0]!
    const a = await labNode({ seed: 1, listen: [], relays: [address] })
    relay.standings.set(a.transport.peer, 'unknown')
    const b = await labNode({ seed: 2, listen: [], relays: [address] })
    await until(() => b.transport.addresses().length > 0)
    await until(() => a.transport.links().length > 0)
    expect(await code(a.transport.dialPeer(b.transport.peer))).toBe('transport/unreachable')
    relay.standings.set(a.transport.peer, 'member')
    a.transport.nudge()
    await until(() => a.transport.addresses().length > 0)
    await a.transport.dialPeer(b.transport.peer)
  })

  it('answers plain HTTP on the port of its WebSocket', async () => {
    const relay = await labNode({
      seed: 99,
      listen: ['/ip4/127.0.0.1/tcp/0/ws'],
      relay: {},
      onRequest: (_, response) => response.end('the page'),
    })
    const [, , host, , number] = relay.transport.addresses()[0]!.split('/')
    expect(await (await fetch(`http://${host}:${number}/`)).text()).toBe('the page')
    const a = await labNode({ seed: 1, listen: [] })
    await a.transport.dial(relay.transport.addresses()[0]!)
  })
})
