/**
 * Sends that end. A peer that stops reading would otherwise hold whoever waits for it for ever.
 *
 * @module
 */
import { FederationError, type Millis, type Timers } from '@folkmoot/base'

/** Longer than this to take one frame, and the other side is not reading. */
export const maxSendMs: Millis = 10_000

/**
 * Resolves or fails like `sending`; where that takes longer than {@link maxSendMs}, closes the session.
 *
 * @throws FederationError `transport/timeout`
 */
export async function sendWithin<Sent>(
  timers: Timers,
  sending: Promise<Sent>,
  stalled: () => { close(): Promise<void> },
): Promise<Sent> {
  const late = Promise.withResolvers<never>()
  const cancel = timers.after(maxSendMs, () => {
    late.reject(new FederationError('transport/timeout', 'the other side does not read'))
    void stalled()
      .close()
      .catch(() => {})
  })
  try {
    return await Promise.race([sending, late.promise])
  } finally {
    cancel()
  }
}

/** Sends one frame on a session that is closed when its other side does not read. */
export function transmitOn(
  timers: Timers,
  session: { send(frame: Uint8Array): Promise<void>; close(): Promise<void> },
  frame: Uint8Array,
): Promise<void> {
  return sendWithin(timers, session.send(frame), () => session)
}
