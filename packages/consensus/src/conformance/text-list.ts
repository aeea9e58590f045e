/**
 * The application that the suite replicates: a list of texts. `no …` is refused when applied,
 * `bad …` is refused by `check`, `boom` throws, `set …` (hex) decides the voters of the next epoch.
 *
 * @module
 */
import { refuse } from '@folkmoot/base'
import { concatBytes, decode, encode, fromHex, fromUtf8, sha256, utf8 } from '@folkmoot/codec'
import type { Application, Mark } from '../replicated-log.ts'

export interface TextList extends Application {
  readonly texts: readonly string[]
  /** How often `check` was asked. */
  readonly checks: number
}

export function createTextList(): TextList {
  let texts: string[] = []
  let next: Uint8Array | null = null
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
      if (text.startsWith('set ')) next = fromHex(text.slice(4))
      texts.push(`${height} ${time} ${text.slice(0, 100)}`)
      return { ok: true }
    },
    root: () => sha256(concatBytes(utf8(texts.join('\n')), next ?? new Uint8Array())),
    mark: () => {
      const before = { texts: [...texts], next }
      const mark: Mark = {
        rollback: () => {
          if (!marks.includes(mark)) throw new Error('this mark is gone')
          marks = marks.slice(0, marks.indexOf(mark) + 1)
          texts = [...before.texts]
          next = before.next
        },
        release: () => {
          marks = marks.slice(marks.indexOf(mark) + 1)
        },
      }
      marks.push(mark)
      return mark
    },
    nextSet: () => next,
    snapshot: () => encode(next ? [texts, next] : texts),
    restore: async (bytes) => {
      const decoded = decode(bytes)
      if (!decoded.ok) throw new Error('no snapshot')
      const value = decoded.value as string[] | [string[], Uint8Array]
      const [head, set] = value
      texts = Array.isArray(head) ? [...head] : [...(value as string[])]
      next = set instanceof Uint8Array ? set : null
      marks = []
    },
  }
}
