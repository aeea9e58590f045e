/**
 * What the ledger reads of an audit checkpoint, a C2SP tlog-checkpoint note whose origin is
 * `folkmoot/<fed>/<peer>/<log>`.
 *
 * @module
 */

export interface CheckpointHead {
  readonly origin: string
  readonly fed: string
  readonly peer: string
  readonly log: string
  /** Entries of the log. */
  readonly size: number
}

const LOG = /^[0-9a-f]{32}$/
const SIZE = /^(0|[1-9][0-9]{0,15})$/
const ROOT = /^[A-Za-z0-9+/]{43}=$/

/** The first three lines of a checkpoint; undefined if they are not those of one. */
export function readCheckpoint(text: string): CheckpointHead | undefined {
  const [origin = '', size = '', root = ''] = text.split('\n', 4)
  const [scheme, fed, peer, log, ...rest] = origin.split('/')
  const count = Number(size)
  if (scheme !== 'folkmoot' || !fed || !peer || !log || !LOG.test(log) || rest.length > 0)
    return undefined
  if (!SIZE.test(size) || !Number.isSafeInteger(count) || !ROOT.test(root)) return undefined
  return { origin, fed, peer, log, size: count }
}
