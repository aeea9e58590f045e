/**
 * A disk that breaks where a test says, and what is left of it after the power is back.
 *
 * @module
 */
import { type AppendLog, memoryLog } from '@folkmoot/base'

/** `lost`: the append fails and nothing was written. `kept`: it fails although everything was. */
export type Break = 'lost' | 'kept'

export interface FaultyDisk {
  readonly log: AppendLog
  /** What a restart finds. */
  readonly records: () => Promise<Uint8Array[]>
  /** Breaks the append number `at`, counted from 0, and all after it. */
  breakAt(at: number, how: Break): void
}

export function createFaultyDisk(initial: readonly Uint8Array[] = []): FaultyDisk {
  const inner = memoryLog(initial)
  let appends = 0
  let broken: { at: number; how: Break } | undefined
  return {
    log: {
      get length() {
        return inner.length
      },
      recovery: inner.recovery,
      append: async (records) => {
        const number = appends
        appends += 1
        if (broken && number >= broken.at) {
          if (number === broken.at && broken.how === 'kept') await inner.append(records)
          throw new Error('the disk broke')
        }
        return inner.append(records)
      },
      read: (from, to) => inner.read(from, to),
      close: () => inner.close(),
    },
    records: () => inner.read(0, inner.length),
    breakAt: (at, how) => {
      broken = { at, how }
    },
  }
}
