/** What engines take from each other on the way to a leader, where one of them lies. */
import { memoryLog, refuse } from '@folkmoot/base'
import { sha256, toHex, utf8 } from '@folkmoot/codec'
import type { Application } from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import { afterEach, describe, expect, it } from 'vitest'
import { Hub } from '../../test/memory-network.ts'
import type { BftLog } from '../index.ts'
import { encodeOperations } from './operations-message.ts'
import { PassedOn } from './passed-on.ts'

let opened: BftLog[] = []
afterEach(async () => {
  await Promise.all(opened.map((engine) => engine.close()))
  opened = []
})

const idOf = (op: Uint8Array) => toHex(sha256(op))
/** A list whose operations have one id each, and that wants no text which begins with `no`. */
const namedList = (): Application =>
  Object.assign(createTextList(), {
    idOf,
    screen: (op: Uint8Array) =>
      op[0] === 'n'.charCodeAt(0) ? refuse('test/unwanted', 'not now') : ({ ok: true } as const),
  })

async function open(hub: Hub, places: readonly number[], parts: { maxWaiting?: number } = {}) {
  const engines = await Promise.all(
    places.map((place) => hub.open(place, { application: namedList(), ...parts })),
  )
  opened.push(...engines)
  return engines
}

/** Passes operations on to every voter, as the peer at `place` would. */
function passOn(hub: Hub, place: number, operations: readonly { id: string; text: string }[]) {
  const { peer } = hub.places[place]!
  const network = hub.network(peer)
  const messages = encodeOperations(
    operations.map(({ id, text }) => ({ id, bytes: utf8(text), deadlineMs: undefined })),
  )
  for (const message of messages) {
    for (const { peer: to } of hub.set.voters) if (to !== peer) network.send(to, message)
  }
}

const submit = (engine: BftLog, text: string) => engine.submit(utf8(text), { id: idOf(utf8(text)) })

/** Until each of them has led, whatever waits anywhere has been proposed. */
async function allLead(engines: readonly BftLog[]) {
  for (let round = 0; round < 3; round++) {
    for (const [i, engine] of engines.entries()) await submit(engine, `round ${round} of ${i}`)
  }
}

async function idsIn(engine: BftLog): Promise<string[]> {
  const ids: string[] = []
  for (let height = 1; height <= engine.status().height; height++) {
    ids.push(...(await engine.entryAt(height))!.ops.map(({ id }) => id))
  }
  return ids
}

describe('operations that others pass on', () => {
  it('are those of voters: who has no seat hands them in where they are counted', async () => {
    const hub = new Hub(4, 1)
    const engines = await open(hub, [0, 1, 2, 3])
    const good = { id: idOf(utf8('good')), text: 'good' }
    passOn(hub, 4, [good])
    await allLead(engines)
    expect(await idsIn(engines[0]!)).not.toContain(good.id)
    const [observer] = await open(hub, [4])
    await expect(submit(observer!, 'mine')).rejects.toMatchObject({ code: 'consensus-bft/no-seat' })
  }, 30_000)

  it('are recorded only where they could have been submitted here', async () => {
    const hub = new Hub(4)
    const engines = await open(hub, [0, 1, 2])
    const [good, bad, unwanted] = ['good', 'bad one', 'no more'].map((text) => {
      return { id: idOf(utf8(text)), text }
    })
    passOn(hub, 3, [good!, bad!, unwanted!])
    await allLead(engines)
    const ids = await idsIn(engines[0]!)
    expect(ids).toContain(good!.id)
    expect(ids).not.toContain(bad!.id)
    expect(ids).not.toContain(unwanted!.id)
  }, 30_000)

  it('count under the id of their bytes, and take no other operation’s place', async () => {
    const hub = new Hub(4)
    const engines = await open(hub, [0, 1, 2])
    const realId = idOf(utf8('real'))
    passOn(hub, 3, [
      { id: realId, text: 'something else' },
      { id: 'replayed', text: 'good' },
      { id: idOf(utf8('good')), text: 'good' },
    ])
    await allLead(engines)
    expect(await submit(engines[0]!, 'real')).toMatchObject({ id: realId, outcome: { ok: true } })
    const ids = await idsIn(engines[0]!)
    expect(ids).toContain(idOf(utf8('good')))
    expect(ids).not.toContain('replayed')
    const wrong = engines[0]!.submit(utf8('a'), { id: 'b' })
    await expect(wrong).rejects.toMatchObject({ code: 'consensus/invalid-id' })
  }, 30_000)

  it('of one voter leave room for those of the others', async () => {
    const hub = new Hub(4)
    // Three voters are a quorum, and two are not: what waits goes on waiting.
    const engines = await open(hub, [0, 1], { maxWaiting: 80 })
    const many = Array.from({ length: 200 }, (_, i) => `flood ${i}`)
    passOn(
      hub,
      3,
      many.map((text) => ({ id: idOf(utf8(text)), text })),
    )
    await expect.poll(() => engines[0]!.status().waiting, { timeout: 20_000 }).toBe(10)
    const own = submit(engines[0]!, 'own')
    const [third] = await open(hub, [2])
    expect(await own).toMatchObject({ outcome: { ok: true } })
    await submit(third!, 'third')
  }, 30_000)
})

describe('false operations that a voter passes on', () => {
  /** Counts what is asked of it, and answers in a later turn, as a tab's verifier does. */
  function slowList() {
    const list = createTextList()
    const { check: checkAtOnce } = list
    let [checks, underWay, most] = [0, 0, 0]
    const check = async (op: Uint8Array) => {
      checks += 1
      underWay += 1
      most = Math.max(most, underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay -= 1
      return checkAtOnce(op)
    }
    const seen = () => ({ checks, most })
    return { application: Object.assign(list, { check }), seen }
  }

  it('are looked at until it is clear that they are false, a few at once; others lose nothing', async () => {
    const hub = new Hub(4)
    const { application, seen } = slowList()
    const engine = await hub.open(0, { application })
    opened.push(engine, ...(await Promise.all([1, 2].map((place) => hub.open(place)))))
    const some = (text: string, count: number) =>
      Array.from({ length: count }, (_, i) => ({ id: `${text} ${i}`.replaceAll(' ', '-'), text }))
    for (let round = 0; round < 20; round++) passOn(hub, 3, some(`bad ${round}`, 1_000))
    passOn(hub, 2, [{ id: 'honest', text: 'honest' }])
    await engine.submit(utf8('own'), { id: 'own' })
    await expect.poll(() => idsIn(engine), { timeout: 20_000 }).toContain('honest')
    // What came at first and a few that time forgave: far from the 20,000 that were sent.
    expect(seen().checks).toBeLessThan(500)
    expect(seen().most).toBeLessThanOrEqual(2 * 32 + 1)
  }, 60_000)

  it('count as what cannot be read does, and are forgiven with time', async () => {
    const hub = new Hub(4)
    const { peer } = hub.places[3]!
    let [now, taken] = [0, 0]
    const passedOn = new PassedOn({
      clock: { now: () => now },
      mayPass: (from) => from === peer,
      wanted: (_, operations) => operations,
      check: ({ bytes }) => createTextList().check(bytes),
      take: (_, operations) => {
        taken += operations.length
      },
      failed: (cause) => {
        throw cause
      },
    })
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    const good = () => {
      const [message] = encodeOperations([{ id: 'a', bytes: utf8('a'), deadlineMs: undefined }])
      passedOn.receive(peer, message!)
      return turn()
    }
    await good()
    expect(taken).toBe(1)
    for (let i = 0; i < 40; i++) passedOn.receive(peer, Uint8Array.of(0x82, 0x18, 32, 0))
    await turn()
    await good()
    expect(taken).toBe(1)
    now = 60_000
    await good()
    expect(taken).toBe(2)
  })
})

describe('operations that one voter passes on faster than they can be checked', () => {
  it('wait up to a bound, one message at a time, and the rest is dropped', async () => {
    const { peer } = new Hub(1).places[0]!
    const waiting: (() => void)[] = []
    let taken = 0
    const passedOn = new PassedOn({
      clock: { now: () => 0 },
      mayPass: () => true,
      wanted: (_, operations) => operations,
      check: () => new Promise((resolve) => waiting.push(() => resolve({ ok: true }))),
      take: (_, operations) => {
        taken += operations.length
      },
      failed: (cause) => {
        throw cause
      },
    })
    const large = { bytes: new Uint8Array(40_000), deadlineMs: undefined }
    const [message] = encodeOperations([{ ...large, id: 'a' }])
    for (let i = 0; i < 500; i++) passedOn.receive(peer, message!)
    expect(waiting.length).toBe(1)
    for (let answer = waiting.shift(); answer; answer = waiting.shift()) {
      answer()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(taken).toBe(Math.floor((2 * 1024 * 1024) / message!.length))
  })
})

describe('a block whose operations have other ids than their bytes', () => {
  it('gets no votes', async () => {
    const hub = new Hub(4)
    const engines = await open(hub, [0, 1, 2])
    // A voter whose software asks for no ids; it leads every fourth view.
    const liar = await hub.open(3)
    opened.push(liar)
    liar.submit(utf8('good'), { id: 'false' }).catch(() => {})
    await allLead(engines)
    expect(await idsIn(engines[0]!)).not.toContain('false')
  }, 60_000)

  it('is still read where it was decided before', async () => {
    const hub = new Hub(1, 1)
    const log = memoryLog()
    const before = await hub.open(0, { log })
    await before.submit(utf8('a'), { id: 'old' })
    await before.close()
    const again = await hub.open(0, { log, application: namedList() })
    opened.push(again)
    await submit(again, 'b')
    const [observer] = await open(hub, [1])
    await expect.poll(() => observer!.status().height, { timeout: 20_000 }).toBe(2)
    expect(await idsIn(observer!)).toEqual(['old', idOf(utf8('b'))])
  }, 30_000)
})
