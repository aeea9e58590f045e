/**
 * Whole frames over a libp2p stream. libp2p 3 has no end-to-end back pressure and its own readers
 * buffer without a bound, so this one bounds each frame and what waits for the reader.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { Stream } from '@libp2p/interface'
import type { TransportCode } from './codes.ts'
import { createFrameDecoder, DEFAULT_MAX_FRAME, encodeFrame } from './frame-codec.ts'
import type { FrameStream, Link } from './transport.ts'

/** Bytes that may wait for a slow reader: four windows of `calls`, so credits never reach it. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024
/** A closing side that hears nothing is cut after this. */
const CLOSE_TIMEOUT_MS = 5_000

export interface FrameStreamInit {
  readonly peer: PeerId
  readonly link: Link
  readonly maxFrame?: number
  /** Bound on each frame and on all that waits, until `trust`; default none of its own. */
  readonly maxUntrusted?: number
  /** Told when the other side broke the framing, before the stream is cut. */
  readonly onOffence?: (error: FederationError<TransportCode>) => void
}

/** Takes over `stream`; nobody else may read or write it afterwards. */
export function frameStream(stream: Stream, init: FrameStreamInit): FrameStream {
  const maxFrame = init.maxFrame ?? DEFAULT_MAX_FRAME
  const decoder = createFrameDecoder(init.maxUntrusted ?? maxFrame)
  const trustedWaiting = Math.max(MAX_WAITING_BYTES, 2 * maxFrame)
  let maxWaiting = init.maxUntrusted ?? trustedWaiting
  const waiting: Uint8Array[] = []
  let waitingBytes = 0
  let ended = false
  let failure: FederationError<TransportCode> | undefined
  let wake: (() => void) | undefined

  const notify = () => {
    wake?.()
    wake = undefined
  }
  const fail = (code: TransportCode, message: string, cause?: unknown) => {
    failure ??= new FederationError(code, message, cause === undefined ? {} : { cause })
    ended = true
    notify()
    return failure
  }
  const offend = (code: TransportCode, message: string) => {
    const error = fail(code, message)
    init.onOffence?.(error)
    stream.abort(error)
  }

  stream.addEventListener('message', (event) => {
    if (ended) return
    const verdict = decoder.push(event.data.subarray())
    if (!verdict.ok) return offend('transport/frame', verdict.fault.message)
    for (const frame of verdict.frames) {
      waiting.push(frame)
      waitingBytes += frame.byteLength
    }
    if (waitingBytes > maxWaiting) {
      return offend('transport/overrun', `more than ${maxWaiting} bytes wait for the reader`)
    }
    notify()
  })
  // Only the other side's own end is a clean one; a lost connection looks the same otherwise.
  let saidEnd = stream.remoteWriteStatus !== 'writable' && stream.status === 'open'
  stream.addEventListener('remoteCloseWrite', () => {
    saidEnd = true
  })
  const finish = () => {
    if (ended) return
    if (stream.status === 'reset' || stream.status === 'aborted') {
      fail('transport/closed', 'the stream was reset')
    } else if (!saidEnd) fail('transport/closed', 'the connection was lost')
    else if (!decoder.atBoundary) fail('transport/closed', 'the stream ended inside a frame')
    ended = true
    notify()
  }
  stream.addEventListener('end', finish)
  stream.addEventListener('close', finish)
  if (stream.readableEnded || stream.status !== 'open') queueMicrotask(finish)

  return {
    peer: init.peer,
    link: init.link,
    protocol: stream.protocol,
    trust() {
      decoder.raise(maxFrame)
      maxWaiting = trustedWaiting
    },
    async send(frame) {
      if (stream.writeStatus !== 'writable') {
        throw failure ?? new FederationError('transport/closed', 'the stream is closed for writing')
      }
      try {
        if (!stream.send(encodeFrame(frame))) await drained(stream)
      } catch (cause) {
        throw new FederationError('transport/closed', 'the stream closed while sending', { cause })
      }
    },
    async *frames() {
      while (true) {
        const frame = waiting.shift()
        if (frame !== undefined) {
          waitingBytes -= frame.byteLength
          yield frame
        } else if (ended) {
          if (failure !== undefined) throw failure
          return
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    },
    async close() {
      try {
        await stream.close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) })
      } catch (error) {
        stream.abort(error instanceof Error ? error : new Error('close failed'))
      }
    },
    abort(reason) {
      if (!ended) fail('transport/closed', reason.message, reason)
      stream.abort(reason)
    },
  }
}

/** libp2p's own `onDrain` keeps its first promise and never waits a second time. */
function drained(stream: Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      stream.removeEventListener('drain', onDrain)
      stream.removeEventListener('close', onClose)
    }
    const onDrain = () => {
      stop()
      resolve()
    }
    const onClose = () => {
      stop()
      reject(new Error('closed before the data drained'))
    }
    stream.addEventListener('drain', onDrain)
    stream.addEventListener('close', onClose)
    if (stream.status !== 'open') onClose()
  })
}
