/**
 * A toy protocol for testing the kernel: each process makes numbered promises, one after another,
 * and a promise must never be made twice with different words. It signs, persists, and only then
 * sends; the careless kind sends first.
 *
 * @module
 */
import type { StoreOperation } from '@folkmoot/base'
import { decode, encode } from '@folkmoot/codec'
import type { CoreEffect, CoreInput } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import type { Boot, Program } from '../kernel/machine.ts'

export interface PromisesInit {
  readonly peers: readonly PeerId[]
  /** Promises to make. */
  readonly count: number
  readonly careless?: boolean
}

interface Heard {
  readonly from: PeerId
  readonly number: number
}

type Input = { readonly type: 'never' }
type Effect = CoreEffect<never>

/** `[number, words, signature]`. */
export function readPromise(bytes: Uint8Array) {
  const read = decode(bytes, { maxBytes: 1_024 })
  if (!read.ok) throw new Error('no promise')
  const [number, words, signature] = read.value as [number, string, Uint8Array]
  return { number, words, signature }
}

const persist = (operations: readonly StoreOperation[], after: readonly Effect[]): Effect => ({
  type: 'persist',
  operations,
  // biome-ignore lint/suspicious/noThenProperty: the effect's own name for what waits for the sync
  then: after,
})
const signedPart = (number: number, words: string) => encode([number, words])

export function promises(init: PromisesInit, heard: Heard[] = []): Program<Input, never> {
  return {
    boot({ id, disk, life, host }: Boot<Input>) {
      const others = init.peers.filter((peer) => peer !== id)
      const made = [...disk].filter(([key]) => key.startsWith('p/'))
      let next = made.length + 1
      let words = ''
      const checking = new Map<number, Heard>()
      let tokens = 0

      const make = (): Effect[] => {
        if (next > init.count) return []
        // Words that differ in every life: forgetting shows.
        words = `life ${life}, ${host.random.uint32()}`
        const bytes = signedPart(next, words)
        return [{ type: 'sign', key: 'key', purpose: 'report', bytes, token: next }]
      }
      const send = (message: Uint8Array): Effect => ({ type: 'send', to: others, message })

      return {
        start: () => [...made.map(([, message]) => send(message)), ...make()],
        perform() {},
        handle(input: CoreInput<Input>): readonly Effect[] {
          switch (input.type) {
            case 'signed': {
              const message = encode([next, words, input.signature])
              const operations = [
                { type: 'put', key: `p/${String(next).padStart(4, '0')}`, value: message },
              ] as const
              const wait: Effect = { type: 'setTimer', timer: 'next', at: input.at + 100 }
              next += 1
              return init.careless
                ? [send(message), persist(operations, [wait])]
                : [persist(operations, [send(message), wait])]
            }
            case 'timer':
              return make()
            case 'message': {
              const { number, words, signature } = readPromise(input.bytes)
              tokens += 1
              checking.set(tokens, { from: input.from, number })
              const bytes = signedPart(number, words)
              const item = { signer: input.from, purpose: 'report', signature, bytes } as const
              return [{ type: 'verify', items: [item], token: tokens }]
            }
            case 'verified':
              if (input.ok[0]) heard.push(checking.get(input.token)!)
              checking.delete(input.token)
              return []
            default:
              return []
          }
        },
      }
    },
  }
}
