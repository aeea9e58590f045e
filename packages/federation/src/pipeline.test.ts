import { refuse, type Verdict } from '@folkmoot/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Action, createPipeline, type Stage, type StageName } from './pipeline.ts'

const order: readonly StageName[] = [
  'identity',
  'transport',
  'authorisation',
  'sanitisation',
  'consensus',
  'audit',
]

type Behaviour = 'pass' | 'refuse' | 'throw' | 'reject'

function lab(behaviours: Partial<Record<StageName, Behaviour>> = {}, settle: Behaviour = 'pass') {
  const steps: string[] = []
  const act = (name: StageName): Verdict | Promise<Verdict> => {
    steps.push(name)
    switch (behaviours[name] ?? 'pass') {
      case 'pass':
        return { ok: true }
      case 'refuse':
        return refuse(`test/${name}`, 'no')
      case 'throw':
        throw new Error(`${name} broke`)
      case 'reject':
        return Promise.reject(new Error(`${name} broke`))
    }
  }
  const stages: Stage[] = order.map((name) => ({
    name,
    outbound: () => act(name),
    inbound: () => act(name),
  }))
  const pipeline = createPipeline({
    stages,
    seal: async () => {
      steps.push('seal')
      return new Uint8Array([1])
    },
    refused: (_action, stage) => void steps.push(`refused at ${stage}`),
    settled: async (_action, outcome) => {
      steps.push(outcome.ok ? 'settled' : 'settled badly')
      if (settle !== 'pass') throw new Error('the log broke')
    },
    micros: () => 0,
  })
  const action = (direction: 'in' | 'out') => ({ direction, micros: {} }) as Action
  return {
    steps,
    pipeline,
    send: () =>
      pipeline.send(action('out'), async () => {
        steps.push('transmit')
      }),
    receive: (handle: () => Promise<Verdict> = async () => ({ ok: true })) =>
      pipeline.receive(
        action('in'),
        () => {
          steps.push('handle')
          return handle()
        },
        () => void steps.push('next'),
      ),
  }
}

describe('the pipeline', () => {
  it('passes all stages in their order, both ways', async () => {
    const out = lab()
    expect(out.pipeline.stages).toEqual(order)
    expect(await out.send()).toEqual({ ok: true })
    expect(out.steps).toEqual([...order, 'seal', 'transmit', 'settled'])
    const back = lab()
    expect(await back.receive()).toEqual({ ok: true })
    expect(back.steps).toEqual([...order.slice(0, 5), 'next', 'audit', 'handle', 'settled'])
  })

  it('lets nothing past a stage that refuses, throws or rejects', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...order),
        fc.constantFrom<Behaviour>('refuse', 'throw', 'reject'),
        fc.boolean(),
        async (stage, behaviour, out) => {
          const { steps, send, receive } = lab({ [stage]: behaviour })
          const verdict = await (out ? send() : receive())
          expect(verdict).toMatchObject({
            ok: false,
            fault: {
              code: behaviour === 'refuse' ? `test/${stage}` : 'federation/stage-failed',
            },
          })
          const before = order.slice(0, order.indexOf(stage) + 1)
          expect(steps.filter((step) => step !== 'next')).toEqual([
            ...before,
            `refused at ${stage}`,
          ])
          // Whoever keeps an order is never left waiting.
          if (!out) expect(steps).toContain('next')
        },
      ),
    ))

  it('settles what failed after it was let through', async () => {
    const broken = lab()
    const verdict = await broken.receive(async () => {
      throw new Error('the handler broke')
    })
    expect(verdict).toMatchObject({ ok: false, fault: { message: 'the handler broke' } })
    expect(broken.steps.at(-1)).toBe('settled badly')
  })

  it('answers a refusal, and never throws, where the outcome cannot be written', async () => {
    expect(await lab({}, 'reject').send()).toMatchObject({
      ok: false,
      fault: { code: 'federation/unlogged' },
    })
    expect(await lab({}, 'reject').receive()).toMatchObject({ ok: false })
  })
})
