import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CalleeEffect, type CalleeInput, newCallee, stepCallee } from './callee.ts'
import { type CallerEffect, type CallerInput, newCaller, stepCaller } from './caller.ts'
import { itemCost } from './inflow.ts'

const config = { windowBytes: 4_096 }
const deadline = 1_000

interface Wire {
  readonly to: 'caller' | 'callee'
  readonly kind: string
  readonly body: Uint8Array
}

/** A caller and a callee with a wire between them that a test may shuffle. */
function exchange() {
  let caller = newCaller({ request: new Uint8Array([1]), deadline })
  let callee = newCallee(deadline)
  const wire: Wire[] = []
  const log = {
    toCaller: [] as Uint8Array[],
    toCallee: [] as Uint8Array[],
    callerUnhandled: [] as number[],
    calleeUnhandled: [] as number[],
    callerEnds: [] as CallerEffect[],
    calleeEnds: [] as CalleeEffect[],
    runs: 0,
    aborts: 0,
    inputEnded: 0,
    now: 0,
  }
  function asCaller(input: CallerInput): void {
    const step = stepCaller(config, caller, input)
    caller = step.state
    for (const effect of step.effects) {
      if (effect.type === 'send') wire.push({ to: 'callee', kind: effect.kind, body: effect.body })
      if (effect.type === 'deliver') {
        log.toCaller.push(effect.data)
        log.callerUnhandled.push(itemCost(effect.data))
      }
      if (effect.type === 'finish') log.callerEnds.push(effect)
    }
  }
  function asCallee(input: CalleeInput): void {
    const step = stepCallee(config, callee, input)
    callee = step.state
    for (const effect of step.effects) {
      if (effect.type === 'send') wire.push({ to: 'caller', kind: effect.kind, body: effect.body })
      if (effect.type === 'deliver') {
        log.toCallee.push(effect.data)
        log.calleeUnhandled.push(itemCost(effect.data))
      }
      if (effect.type === 'run') log.runs += 1
      if (effect.type === 'abort') log.aborts += 1
      if (effect.type === 'input-ended') log.inputEnded += 1
      if (effect.type === 'finish') log.calleeEnds.push(effect)
    }
  }
  function deliver(index: number, keep = false): void {
    const message = wire[index]
    if (message === undefined) return
    if (!keep) wire.splice(index, 1)
    const { kind, body } = message
    const at = log.now
    if (message.to === 'caller') asCaller({ type: 'received', kind, body, at } as CallerInput)
    else if (kind === 'call') asCallee({ type: 'call', request: body, at })
    else asCallee({ type: 'received', kind, body, at } as CalleeInput)
  }
  return {
    log,
    wire,
    asCaller,
    asCallee,
    deliver,
    caller: () => caller,
    callee: () => callee,
  }
}

const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const), pick: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), pick: fc.nat(50) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('handle-caller' as const), pick: fc.nat() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('handle-callee' as const), pick: fc.nat() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('write-callee' as const), pick: fc.nat(2_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('write-caller' as const), pick: fc.nat(2_000) }),
  },
)

describe('a streamed call under any interleaving', () => {
  it('delivers every item once, in order, within the window, and finishes once', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 150 }), (actions) => {
        const x = exchange()
        const sentByCallee: Uint8Array[] = []
        const sentByCaller: Uint8Array[] = []
        x.asCaller({ type: 'start', at: 0 })
        // The holder makes a callee from the call, so the call always comes first.
        x.deliver(0)
        const item = (size: number, n: number) => {
          const data = new Uint8Array(Math.min(size, 3_000))
          data[0] = n
          return data
        }
        const check = () => {
          for (const flow of [x.caller().outflow, x.callee().outflow]) {
            expect(flow.sentBytes - flow.ackedBytes).toBeLessThanOrEqual(config.windowBytes)
          }
          expect(x.log.callerEnds.length).toBeLessThanOrEqual(1)
          expect(x.log.calleeEnds.length).toBeLessThanOrEqual(1)
        }
        for (const step of actions) {
          if (step.do === 'deliver') x.deliver(step.pick % Math.max(1, x.wire.length))
          if (step.do === 'repeat') x.deliver(step.pick % Math.max(1, x.wire.length), true)
          if (step.do === 'handle-caller') {
            const cost = x.log.callerUnhandled.shift()
            if (cost !== undefined) x.asCaller({ type: 'handled', cost })
          }
          if (step.do === 'handle-callee') {
            const cost = x.log.calleeUnhandled.shift()
            if (cost !== undefined) x.asCallee({ type: 'handled', cost })
          }
          if (step.do === 'write-callee') {
            sentByCallee.push(item(step.pick, sentByCallee.length))
            x.asCallee({ type: 'write', data: sentByCallee.at(-1)! })
          }
          if (step.do === 'write-caller') {
            sentByCaller.push(item(step.pick, sentByCaller.length))
            x.asCaller({ type: 'write', data: sentByCaller.at(-1)! })
          }
          check()
        }
        const settle = () => {
          for (let i = 0; i < 20_000; i++) {
            if (x.wire.length > 0) x.deliver(0)
            else if (x.log.calleeUnhandled.length > 0) {
              x.asCallee({ type: 'handled', cost: x.log.calleeUnhandled.shift()! })
            } else if (x.log.callerUnhandled.length > 0) {
              x.asCaller({ type: 'handled', cost: x.log.callerUnhandled.shift()! })
            } else return
            check()
          }
        }
        x.asCaller({ type: 'end-writing' })
        settle()
        expect(x.log.toCallee).toEqual(sentByCaller)
        expect(x.log.inputEnded).toBe(1)
        x.asCallee({ type: 'end-writing' })
        settle()
        expect(x.log.toCaller).toEqual(sentByCallee)
        expect(x.log.callerEnds).toEqual([{ type: 'finish', outcome: { ok: true } }])
        expect(x.log.calleeEnds).toEqual([{ type: 'finish', outcome: 'answered' }])
      }),
      { numRuns: 300 },
    )
  })

  it('finishes once on either side, whatever arrives, and says nothing afterwards', () => {
    const bodies = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constant(new Uint8Array([0xa1, 0x65, 0x63, 0x6f, 0x75, 0x6e, 0x74, 0x00])),
    )
    const message = fc.record({
      kind: fc.constantFrom('result', 'item', 'end', 'error', 'credit', 'cancel', 'timer', 'lost'),
      body: bodies,
      at: fc.nat(2_000),
    })
    fc.assert(
      fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
        const x = exchange()
        x.asCaller({ type: 'start', at: 0 })
        x.deliver(0)
        for (const { kind, body, at } of messages) {
          const before = x.wire.length
          const done = [x.caller().phase === 'done', x.callee().phase === 'done']
          if (kind === 'timer') {
            x.asCaller({ type: 'timer', at })
            x.asCallee({ type: 'timer', at })
          } else if (kind === 'lost') {
            x.asCaller({ type: 'link-lost' })
            x.asCallee({ type: 'link-lost' })
          } else {
            if (kind !== 'cancel') x.asCaller({ type: 'received', kind, body, at } as CallerInput)
            if (kind !== 'result' && kind !== 'error') {
              x.asCallee({ type: 'received', kind, body, at } as CalleeInput)
            }
          }
          if (done[0] && done[1]) expect(x.wire.length).toBe(before)
          expect(x.log.callerEnds.length).toBe(x.caller().phase === 'done' ? 1 : 0)
          expect(x.log.calleeEnds.length).toBe(x.callee().phase === 'done' ? 1 : 0)
        }
        x.asCaller({ type: 'timer', at: deadline })
        x.asCallee({ type: 'timer', at: deadline })
        expect(x.caller().phase).toBe('done')
        expect(x.callee().phase).toBe('done')
      }),
      { numRuns: 500 },
    )
  })
})
