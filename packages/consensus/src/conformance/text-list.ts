/**
 * The application that the suite replicates: a list of texts. `no …` is refused when applied,
 * `bad …` is refused by `check`, `boom` throws.
 *
 * @module
 */
import { refuse } from '@folkmoot/base'
import { decode, encode, fromUtf8, sha256, utf8 } from '@folkmoot/codec'
import type { Application, Mark } from '../replicated-log.ts'

export interface TextList extends Application {
  readonly texts: readonly string[]
  /** How often `check` was asked. */
  readonly checks: number
}

export function createTextList(): TextList {
  let texts: string[] = []
  let checks = 0
  let marks: Mark[] = []
  return {
    get texts() {
      return texts
    },
    get checks() {
      return checks
    },
    check: async (op) => {
      checks += 1
      return fromUtf8(op).startsWith('bad')
        ? refuse('test/bad', 'the operation is bad')
        : { ok: true }
    },
    apply: async (op, { height, time }) => {
      const text = fromUtf8(op)
      if (text === 'boom') throw new Error('boom')
      if (text.startsWith('no')) return refuse('test/no', 'the list does not want it')
      texts.push(`${height} ${time} ${text.slice(0, 100)}`)
      return { ok: true }
    },
    root: () => sha256(utf8(texts.join('\n'))),
    mark: () => {
      const before = [...texts]
      const mark: Mark = {
        rollback: () => {
          if (!marks.includes(mark)) throw new Error('this mark is gone')
          marks = marks.slice(0, marks.indexOf(mark) + 1)
          texts = [...before]
        },
        release: () => {
          marks = marks.slice(marks.indexOf(mark) + 1)
        },
      }
      marks.push(mark)
      return mark
    },
    nextSet: () => null,
    snapshot: () => encode(texts),
    restore: async (bytes) => {
      const decoded = decode(bytes)
      if (!decoded.ok) throw new Error('no snapshot')
      texts = [...(decoded.value as string[])]
      marks = []
    },
  }
}
