/**
 * The engine of a founder who decides alone, as a file of its own: no tab founds a federation, so
 * none loads it.
 *
 * @module
 */
import { type AppendLog, FederationError } from '@folkmoot/base'
import { createSoloLog, parseEntry, parseVoterSet, type SoloLogInit } from '@folkmoot/consensus'
import type { Engine } from './engine.ts'

export interface AloneEngine extends Engine {
  /** Writes the founder's last entry where the state has decided who takes over. */
  handOver(): Promise<void>
}

/** Undefined where the founder has handed over. */
export async function openAlone(init: SoloLogInit): Promise<AloneEngine | undefined> {
  if ((await epochOf(init.log)) > 0) return undefined
  const solo = await createSoloLog(init)
  return {
    mode: 'alone',
    log: solo,
    submit: (operation, id) => solo.submit(operation, { id }),
    accept: (entry) => solo.adopt(entry),
    release: () => solo.release(),
    close: () => solo.close(),
    handOver: async () => {
      const set = init.application.nextSet()
      if (set === null || solo.status().epoch > 0) return
      const parsed = parseVoterSet(set)
      if (!parsed.ok) throw new FederationError(parsed.fault.code, parsed.fault.message)
      await solo.reconfigure({ kind: 'engine', engine: parsed.set.engine, set })
    },
  }
}

/** The epoch that a stored log has come to; 0 where the founder still decides alone. */
async function epochOf(log: AppendLog): Promise<number> {
  for (let at = log.length - 1; at >= Math.max(0, log.length - 2); at--) {
    const [record] = await log.read(at, at + 1)
    const parsed = record && parseEntry(record)
    // The last record may be evidence of a fork.
    if (!parsed?.ok) continue
    const { epoch, nextSetHash } = parsed.entry.header
    return nextSetHash ? epoch + 1 : epoch
  }
  return 0
}
