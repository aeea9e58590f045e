/**
 * Objects whose behaviour everybody agrees on: a register and a map of texts.
 *
 * @module
 */
import type { Model } from './history.ts'

export type RegisterInput =
  | { readonly f: 'read' }
  | { readonly f: 'write'; readonly value: number }
  | { readonly f: 'cas'; readonly from: number; readonly to: number }

/** `value` of a read, null where nothing was written yet; `swapped` of a compare-and-swap. */
export interface RegisterOutput {
  readonly value?: number | null
  readonly swapped?: boolean
}

/** A register with compare-and-swap, as Jepsen drives etcd. */
export const register: Model<number | null, RegisterInput, RegisterOutput> = {
  initial: null,
  looks: (input, output) => input.f === 'read' || (input.f === 'cas' && output?.swapped === false),
  step: (state, input, output) => {
    switch (input.f) {
      case 'read':
        return output === undefined || output.value === state ? state : undefined
      case 'write':
        return input.value
      case 'cas': {
        const swapped = state === input.from
        if (output !== undefined && output.swapped !== swapped) return undefined
        return swapped ? input.to : state
      }
    }
  },
}

export interface MapInput {
  readonly f: 'get' | 'put' | 'append'
  readonly key: string
  /** What is put or appended. */
  readonly value?: string
}

/** Texts by key, each empty at first. A get answers the text. */
export const textMap: Model<string, MapInput, string> = {
  initial: '',
  looks: ({ f }) => f === 'get',
  part: (input) => input.key,
  step: (state, { f, value = '' }, output) => {
    if (f === 'get') return output === undefined || output === state ? state : undefined
    return f === 'put' ? value : state + value
  },
}
