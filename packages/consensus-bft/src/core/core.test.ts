/** The ordinary course of things; what goes wrong is in `scenarios.test.ts`. */
import { sha256, utf8 } from '@folkmoot/codec'
import { NO_BLOCK } from '@folkmoot/consensus'
import { describe, expect, it } from 'vitest'
import { INSTANCE, START, Table } from '../../test/table.ts'
import { createCore, encodeMessage, frontierOf, type Message } from '../index.ts'

describe('four voters', () => {
  it('make an operation final on all of them, in one log', () => {
    const table = new Table()
    table.startAll()
    table.submit('a')
    table.deliverAll()
    for (const seat of [0, 1, 2, 3]) expect(table.texts(seat)).toEqual(['a'])
    expect(new Set([0, 1, 2, 3].map((seat) => table.log(seat).join())).size).toBe(1)
  })

  it('make many operations final, view after view', () => {
    const table = new Table()
    table.startAll()
    for (let i = 0; i < 50; i++) {
      table.submit(`op-${i}`)
      table.deliverAll()
    }
    expect(table.texts(2)).toEqual(Array.from({ length: 50 }, (_, i) => `op-${i}`))
  })

  it('say nothing while there is nothing to decide, until the heartbeat', () => {
    const table = new Table()
    table.startAll()
    table.submit('a')
    table.deliverAll()
    const said = table.wire.length
    table.pass(50_000)
    expect(table.wire.length).toBe(said)
    table.pass(12_000)
    expect(table.log(0).length).toBe(2)
    expect(table.wire.length).toBeGreaterThan(said)
  })

  it('go on when one is gone, also when it is the leader', () => {
    const table = new Table()
    table.startAll()
    table.crash(1)
    for (let i = 0; i < 8; i++) {
      table.submit(`op-${i}`, [0, 2, 3])
      table.pass(2_000)
    }
    expect(table.texts(0).length).toBe(8)
    expect(table.log(3)).toEqual(table.log(0))
  })
})

describe('one voter alone', () => {
  it('decides at once, without waiting for any timer', () => {
    const table = new Table({ seats: 1 })
    table.startAll()
    for (let i = 0; i < 3; i++) table.submit(`op-${i}`)
    expect(table.texts(0)).toEqual(['op-0', 'op-1', 'op-2'])
  })

  it('rests where its log ends in an entry without a certificate of its own, and nothing follows it', () => {
    const { set, seats } = new Table({ seats: 1 })
    const id = sha256(utf8('entry'))
    const history = frontierOf([id])
    const place = { height: 1, id, time: START, view: 5, stateRoot: id, history, nextSet: null }
    const tip = { ...place, certificate: undefined }
    const core = createCore({ instance: INSTANCE, me: seats[0]!.peer, set, tip }, new Map())
    core.step({ type: 'start', at: START })
    const effects = core.step({ type: 'timer', timer: 'heartbeat', at: START + 61_000 })
    expect(effects.map(({ type }) => type)).not.toContain('sign')
    expect(core.peek()).toMatchObject({ isVoting: true, view: 6, finalHeight: 1 })
  })
})

describe('an observer', () => {
  it('keeps no more to write than its newest facts, however many entries become final', () => {
    const table = new Table({ observers: 1 })
    const observer = table.seats.length - 1
    const writes: number[] = []
    table.crashBefore = (seat, effect) => {
      if (seat === observer && effect !== 'synced' && effect.type === 'persist')
        writes.push(effect.operations.length)
      return false
    }
    table.seatNext([0, 1, 2, 3])
    table.startAll()
    for (let i = 0; i < 20; i++) {
      table.submit(`op-${i}`)
      table.deliverAll()
    }
    expect(table.texts(observer).length).toBe(20)
    table.submit('next')
    table.pass(2_000)
    expect(table.seats[observer]!.core.peek().epoch).toBe(2)
    expect(Math.max(...writes)).toBeLessThan(10)
  })
})

describe('a block', () => {
  it('is handed out to one asker as often as it may be lost, and no oftener', () => {
    const table = new Table()
    table.startAll()
    table.submit('a')
    table.deliverAll(({ message }) => message.type === 'proposal')
    const [envelope] = table.wire.filter(({ message }) => message.type === 'proposal')
    const { vote } = envelope!.message as Extract<Message, { type: 'proposal' }>
    const bytes = encodeMessage({ type: 'want', epoch: 1, id: vote!.hash, above: 0 })
    const ask = (seat: number) => {
      const before = table.wire.length
      const { at } = table.seats[0]!
      table.input(0, { type: 'message', from: table.seats[seat]!.peer, bytes, at })
      return table.wire.length > before
    }
    let size = 0
    for (let i = 0; i < 20_000 && ask(3); i++) size += table.wire.at(-1)!.bytes.length
    expect(size).toBeGreaterThan(1024 * 1024)
    expect(size).toBeLessThan(6 * 1024 * 1024)
    expect(ask(3)).toBe(false)
    expect(ask(2)).toBe(true)
    table.tick(0, 100)
    expect(ask(3)).toBe(true)
  })
})

describe('verification', () => {
  it('costs 2(q − 1) + 1 signatures a voter and final block, where nobody lies', () => {
    const table = new Table()
    table.startAll()
    table.verified = 0
    for (let i = 0; i < 10; i++) {
      table.submit(`op-${i}`)
      table.deliverAll()
    }
    const blocks = table.log(0).length
    // The leader of a view need not verify its own proposal.
    expect(table.verified / blocks).toBeLessThanOrEqual(4 * (2 * (3 - 1) + 1) - 1)
  })

  it('is not held up by forged votes in the name of others', () => {
    const table = new Table()
    table.startAll()
    table.submit('a')
    table.deliverAll(({ message }) => message.type === 'proposal')
    const [envelope] = table.wire.filter(({ message }) => message.type === 'proposal')
    const proposal = envelope!.message as Extract<Message, { type: 'proposal' }>
    const { hash } = proposal.vote!
    for (const voter of [0, 1, 2]) {
      const vote = { ...table.forge(3, 'notarise', 1, hash), voter }
      const bytes = encodeMessage({ type: 'vote', vote })
      const input = { type: 'message', from: table.seats[3]!.peer, bytes, at: START } as const
      for (const seat of [0, 1, 2]) table.input(seat, input)
    }
    table.deliverAll()
    for (const seat of [0, 1, 2]) expect(table.texts(seat)).toEqual(['a'])
  })

  it('is bounded for a voter that floods, with votes of its own and with forged ones', () => {
    const table = new Table()
    table.startAll()
    const from = table.seats[3]!.peer
    const say = (message: Message) => {
      table.input(0, { type: 'message', from, bytes: encodeMessage(message), at: START })
    }
    const hashOf = (i: number) => sha256(utf8(`${i}`))
    table.verified = 0
    for (let i = 0; i < 500; i++) {
      const vote = table.forge(3, 'notarise', 1, hashOf(i))
      say({ type: 'vote', vote })
      say({ type: 'vote', vote: { ...vote, kind: 'finalise' } })
      say({ type: 'repair', certificates: [], votes: [{ ...vote, voter: 2 }, vote] })
    }
    expect(table.verified).toBeLessThan(50)
    // Enough was looked at to prove the lie.
    expect(table.seats[0]!.evidence.length).toBeGreaterThan(0)
    table.submit('a')
    table.deliverAll()
    expect(table.texts(0)).toEqual(['a'])
  })
})

describe('a view', () => {
  const say = (table: Table, from: number, to: number, message: Message) => {
    const { at } = table.seats[to]!
    const bytes = encodeMessage(message)
    table.input(to, { type: 'message', from: table.seats[from]!.peer, bytes, at })
  }
  const skip = (table: Table, from: number, view: number): Message => ({
    type: 'vote',
    vote: table.forge(from, 'nullify', view, NO_BLOCK),
  })

  it('is entered by an idle voter on S of more than f weight, and not on less', () => {
    const table = new Table()
    table.startAll()
    say(table, 1, 3, skip(table, 1, 1))
    expect(table.seats[3]!.core.peek().isAwake).toBe(false)
    say(table, 2, 3, skip(table, 2, 1))
    expect(table.seats[3]!.core.peek().isAwake).toBe(true)
  })

  it('takes votes up to two views ahead, and verifies none beyond', () => {
    const table = new Table()
    table.startAll()
    table.verified = 0
    say(table, 1, 3, skip(table, 1, 4))
    expect(table.verified).toBe(0)
    say(table, 1, 3, skip(table, 1, 3))
    expect(table.verified).toBe(1)
  })

  it('may take half as long again after each that failed', () => {
    const table = new Table()
    table.startAll()
    const allowed = (view: number) => {
      for (const from of [0, 1, 2]) say(table, from, 3, skip(table, from, view))
      const { timers, at } = table.seats[3]!
      return timers.get('certificate')! - at
    }
    table.submit('a', [3])
    table.lose()
    expect([1, 2, 3, 4].map(allowed)).toEqual([750, 1_125, 1_687.5, 2_531.25])
  })

  it('is led after a restart by the very block that was shown before', () => {
    const table = new Table()
    table.startAll()
    table.submit('a', [0])
    const shown = () => table.wire.filter((e) => e.from === 0 && e.message.type === 'proposal')
    const [first] = shown()
    table.crash(0)
    const before = shown().length
    table.restart(0)
    // Others are asked first whether that was what it said.
    expect(shown()).toHaveLength(before)
    table.deliverAll(({ message }) => ['recall', 'recalled'].includes(message.type))
    const again = shown().slice(before)
    expect(again.map(({ to }) => to)).toEqual([1, 2, 3])
    for (const { bytes } of again) expect(bytes).toEqual(first!.bytes)
  })
})
