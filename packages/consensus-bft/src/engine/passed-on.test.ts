/** What engines take from each other on the way to a leader, where one of them lies. */
import { memoryLog, refuse } from '@folkmoot/base'
import { sha256, toHex, utf8 } from '@folkmoot/codec'
import type { Application } from '@folkmoot/consensus'
import { createTextList } from '@folkmoot/consensus/conformance'
import { afterEach, describe, expect, it } from 'vitest'
import { Hub } from '../../test/memory-network.ts'
import type { BftLog } from '../index.ts'
import { encodeOperations } from './operations-message.ts'

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
