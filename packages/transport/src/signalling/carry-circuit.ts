/**
 * Carries one circuit: what arrives on either stream is sent on the other, until both have ended
 * or a limit is passed.
 *
 * @module
 */
import { errorMessage, FederationError, type Millis } from '@folkmoot/base'
import type { Stream } from '@libp2p/interface'
import type { TransportCode } from '../codes.ts'

export interface CarryLimits {
  /** Both ways together. */
  readonly bytes: number
  readonly ms: Millis
}

/** How a circuit ended: by its ends, or cut for passing a limit. */
export type CarryEnd = 'ended' | 'bytes' | 'time'

/**
 * Resolves when it is over, with both streams ended. There is no back pressure: all that one
 * circuit may carry is less than one stream may buffer.
 */
export function carryCircuit(a: Stream, b: Stream, limits: CarryLimits): Promise<CarryEnd> {
  return new Promise((resolve) => {
    let left = limits.bytes
    let open = 2
    const cut = (why: CarryEnd, code: TransportCode, message: string) => {
      clearTimeout(timer)
      // First, because the streams tell of their end while they are aborted.
      resolve(why)
      const error = new FederationError(code, message)
      a.abort(error)
      b.abort(error)
    }
    const timer = setTimeout(() => {
      cut('time', 'transport/timeout', `a circuit is for ${limits.ms} ms at most`)
    }, limits.ms)

    const carry = (from: Stream, to: Stream) => {
      from.addEventListener('message', ({ data }) => {
        left -= data.byteLength
        if (left < 0) {
          return cut('bytes', 'transport/too-large', `a circuit is for ${limits.bytes} bytes`)
        }
        try {
          to.send(data)
        } catch (error) {
          cut('ended', 'transport/closed', errorMessage(error))
        }
      })
      const finish = () => {
        to.close().catch((error: Error) => to.abort(error))
      }
      const closed = () => {
        if (from.status === 'aborted' || from.status === 'reset') {
          to.abort(new FederationError('transport/closed', 'the other end of the circuit is gone'))
        } else finish()
        open -= 1
        if (open > 0) return
        clearTimeout(timer)
        resolve('ended')
      }
      from.addEventListener('end', finish)
      from.addEventListener('close', closed)
      if (from.readableEnded) finish()
      if (from.status !== 'open') closed()
    }
    carry(a, b)
    carry(b, a)
  })
}
