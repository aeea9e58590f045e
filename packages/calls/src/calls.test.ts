import { describe, expect, it } from 'vitest'
import { encodeCredit, encodeFault, encodeItem, parseFault } from './bodies.ts'
import { newCallee, stepCallee } from './callee.ts'
import { newCaller, stepCaller } from './caller.ts'
import { createIdempotency } from './idempotency.ts'
import { createReplayWindow, replayDefaults } from './replay-window.ts'

const config = { windowBytes: 1_024 }
const request = new Uint8Array([1, 2, 3])

function openCaller(repeatable = false) {
  const fresh = newCaller({ request, deadline: 100, repeatable })
  return stepCaller(config, fresh, { type: 'start', at: 0 }).state
}
function runningCallee() {
  return stepCallee(config, newCallee(100), { type: 'call', request, at: 0 }).state
}

describe('a caller', () => {
  it('sends the call, and finishes with the result', () => {
    const fresh = newCaller({ request, deadline: 100 })
    const started = stepCaller(config, fresh, { type: 'start', at: 0 })
    expect(started.effects).toEqual([
      { type: 'send', kind: 'call', body: request },
      { type: 'set-timer', at: 100 },
    ])
    const body = new Uint8Array([9])
    const done = stepCaller(config, started.state, {
      type: 'received',
      kind: 'result',
      body,
      at: 5,
    })
    expect(done.effects).toEqual([{ type: 'finish', outcome: { ok: true, result: body } }])
  })

  it('cancels at its deadline and takes no later result', () => {
    const late = stepCaller(config, openCaller(), { type: 'timer', at: 100 })
    expect(late.effects.map((e) => e.type)).toEqual(['send', 'finish'])
    const after = stepCaller(config, late.state, {
      type: 'received',
      kind: 'result',
      body: request,
      at: 101,
    })
    expect(after.effects).toEqual([])
  })

  it('asks again after a lost link only when it carries an idempotency key', () => {
    expect(stepCaller(config, openCaller(true), { type: 'link-lost' }).effects).toEqual([
      { type: 'send', kind: 'call', body: request },
    ])
    const [lost] = stepCaller(config, openCaller(), { type: 'link-lost' }).effects
    expect(lost).toMatchObject({ outcome: { ok: false, fault: { code: 'calls/lost' } } })
  })

  it('cuts a callee that sends over the window', () => {
    let state = openCaller()
    let codes: readonly unknown[] = []
    for (let n = 0; n < 3; n++) {
      const body = encodeItem({ n, data: new Uint8Array(400) })
      const step = stepCaller(config, state, { type: 'received', kind: 'item', body, at: 1 })
      state = step.state
      codes = step.effects
    }
    expect(codes).toContainEqual({
      type: 'finish',
      outcome: { ok: false, fault: expect.objectContaining({ code: 'calls/window' }) },
    })
  })
})

describe('a callee', () => {
  it('stops the handler on cancel and says nothing', () => {
    const body = encodeFault({ code: 'calls/cancelled', message: 'enough' })
    const step = stepCallee(config, runningCallee(), {
      type: 'received',
      kind: 'cancel',
      body,
      at: 5,
    })
    expect(step.effects.map((e) => e.type)).toEqual(['abort', 'finish'])
  })

  it('answers an error at its deadline', () => {
    const step = stepCallee(config, runningCallee(), { type: 'timer', at: 100 })
    const sent = step.effects.find((e) => e.type === 'send')!
    expect(parseFault((sent as { body: Uint8Array }).body)).toMatchObject({
      reported: { code: 'calls/deadline' },
    })
  })

  it('does not run a call that came after its deadline', () => {
    const step = stepCallee(config, newCallee(100), { type: 'call', request, at: 100 })
    expect(step.effects.map((e) => e.type)).toEqual(['send', 'finish'])
  })

  it('holds items back until credit comes, and tells the handler', () => {
    let state = runningCallee()
    const writes = [1, 2, 3].map(() => {
      const step = stepCallee(config, state, { type: 'write', data: new Uint8Array(400) })
      state = step.state
      return step.effects
    })
    expect(writes[2]).toEqual([{ type: 'writable', writable: false }])
    const body = encodeCredit(416)
    const step = stepCallee(config, state, { type: 'received', kind: 'credit', body, at: 2 })
    expect(step.effects.map((e) => e.type)).toEqual(['send', 'writable'])
  })

  it('cuts a caller that acknowledges what was never sent', () => {
    const body = encodeCredit(1)
    const step = stepCallee(config, runningCallee(), {
      type: 'received',
      kind: 'credit',
      body,
      at: 2,
    })
    expect(step.effects[0]).toMatchObject({ type: 'abort', fault: { code: 'calls/credit' } })
  })

  it('refuses an item that could never pass the window', () => {
    const write = { type: 'write', data: new Uint8Array(1_000) } as const
    expect(() => stepCallee(config, runningCallee(), write)).toThrowError(/does not fit/)
  })
})

describe('the replay window', () => {
  const claim = { from: 'a', id: '01', sent: 10, deadline: 50, at: 11 }

  it('takes an envelope once', () => {
    const replay = createReplayWindow(replayDefaults, 0)
    expect(replay.take(claim)).toEqual({ ok: true })
    expect(replay.take(claim)).toMatchObject({ fault: { code: 'calls/replay' } })
    expect(replay.take({ ...claim, from: 'b' })).toEqual({ ok: true })
  })

  it('refuses what was sent before a lost memory', () => {
    const replay = createReplayWindow(replayDefaults, 20)
    expect(replay.take(claim)).toMatchObject({ fault: { code: 'calls/before-memory' } })
  })

  it('never takes one twice, however full it is, and one flooding peer costs no other', () => {
    const replay = createReplayWindow({ maxSkewMs: 1_000, maxPerPeer: 4, maxPeers: 10 }, 0)
    const sent = Array.from({ length: 40 }, (_, n) => ({ ...claim, id: `${n}`, sent: 10 + n }))
    for (const one of sent) expect(replay.take(one).ok).toBe(true)
    for (const one of sent) expect(replay.take(one).ok).toBe(false)
    expect(replay.take({ ...claim, from: 'quiet' }).ok).toBe(true)
    expect(replay.size).toBeLessThanOrEqual(5)
  })

  it('forgets what expired before it gives up what has not', () => {
    const replay = createReplayWindow({ maxSkewMs: 0, maxPerPeer: 4, maxPeers: 3 }, 0)
    const old = [1, 2, 3].map((n) => ({ ...claim, id: `old ${n}`, deadline: 100 + n, at: 50 }))
    const long = { ...claim, id: 'long', deadline: 900, at: 50 }
    for (const one of [long, ...old]) expect(replay.take(one).ok).toBe(true)
    const later = [1, 2, 3].map((n) => ({
      ...claim,
      id: `${n}`,
      sent: 200,
      deadline: 900,
      at: 200,
    }))
    for (const one of later) expect(replay.take(one).ok).toBe(true)
    expect(replay.take({ ...long, at: 200 })).toMatchObject({ fault: { code: 'calls/replay' } })
    expect(replay.size).toBe(4)
  })

  it('stays closed to replays when whole peers are forgotten', () => {
    const replay = createReplayWindow({ maxSkewMs: 1_000, maxPerPeer: 4, maxPeers: 3 }, 0)
    const peers = Array.from({ length: 9 }, (_, n) => ({ ...claim, from: `p${n}`, sent: 10 + n }))
    for (const one of peers) expect(replay.take(one).ok).toBe(true)
    for (const one of peers) expect(replay.take(one).ok).toBe(false)
  })

  it('keeps its memory over a clean restart', () => {
    const before = createReplayWindow(replayDefaults, 0)
    before.take(claim)
    const after = createReplayWindow(replayDefaults, 99, before.snapshot())
    expect(after.take(claim)).toMatchObject({ fault: { code: 'calls/replay' } })
    expect(after.take({ ...claim, id: '02' }).ok).toBe(true)
  })
})

describe('idempotency', () => {
  const claim = { from: 'a', capability: 'c', key: 'k', requestHash: 'h', at: 0, keepUntil: 100 }
  const answer = { kind: 'result', body: new Uint8Array(10) } as const

  it('runs once and repeats the answer', () => {
    const memory = createIdempotency()
    expect(memory.begin(claim)).toEqual({ ok: true, action: 'run' })
    expect(memory.begin(claim)).toMatchObject({ fault: { code: 'calls/still-running' } })
    memory.settle(claim, answer)
    expect(memory.begin(claim)).toEqual({ ok: true, action: 'repeat', answer })
  })

  it('refuses another request under the same key, but not of another peer', () => {
    const memory = createIdempotency()
    memory.begin(claim)
    const other = { ...claim, requestHash: 'x' }
    expect(memory.begin(other)).toMatchObject({ fault: { code: 'calls/idempotency-conflict' } })
    expect(memory.begin({ ...other, from: 'b' })).toEqual({ ok: true, action: 'run' })
  })

  it('bounds keys per peer and bytes in all, and forgets after its time', () => {
    const memory = createIdempotency({ maxPerPeer: 3, maxAnswerBytes: 25 })
    for (const key of ['1', '2', '3']) {
      expect(memory.begin({ ...claim, key }).ok).toBe(true)
      memory.settle({ ...claim, key }, answer)
    }
    expect(memory.answerBytes).toBeLessThanOrEqual(25)
    expect(memory.begin({ ...claim, key: '4' }).ok).toBe(true)
    expect(memory.begin({ ...claim, key: '5' })).toMatchObject({
      fault: { code: 'calls/idempotency-full' },
    })
    expect(memory.begin({ ...claim, key: '5', at: 101 }).ok).toBe(true)
  })
})
