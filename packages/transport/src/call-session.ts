/**
 * One long-lived stream of envelope frames per pair of peers. The first frame each way is a hello
 * (an admission receipt, or empty); nothing else is handed up before the hello was accepted.
 *
 * @module
 */
import { errorMessage, FederationError, type Logger, silentLogger } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { DEFAULT_MAX_FRAME } from './frame-codec.ts'
import { CALL_PROTOCOL } from './stream-gate.ts'
import type { FrameStream, Link, LinkKind, Transport } from './transport.ts'

/** An envelope of 1 MiB of body and its frame around it. */
const MAX_CALL_FRAME = DEFAULT_MAX_FRAME + 64 * 1024
const MAX_HELLO = 16 * 1024
const HELLO_MS = 8_000

export interface CallSession {
  readonly peer: PeerId
  readonly link: Link
  /** Resolves when the link has taken the frame. @throws FederationError `transport/closed` */
  send(frame: Uint8Array): Promise<void>
  close(): Promise<void>
}

export interface SessionsInit {
  readonly transport: Transport
  /** Our first frame on a new session: the admission receipt, or empty. */
  readonly hello: () => Uint8Array
  /** Judges the other side's first frame; false hangs up the session. */
  readonly onHello: (bytes: Uint8Array, peer: PeerId) => Promise<boolean>
  /** Every later frame, in order; the next waits for the returned promise. */
  readonly onFrame: (frame: Uint8Array, session: CallSession) => void | Promise<void>
  /**
   * Whether peers without standing may open a session, to show a receipt; default true. The relay
   * that admits knows every member from its own ledger and has nothing to learn from one.
   */
  readonly strangers?: boolean
  /** `clean`: both sides have read all that the other sent. */
  readonly onClosed?: (session: CallSession, clean: boolean) => void
  readonly log?: Logger
}

export interface Sessions {
  /** The session with `peer`, opened when there is none, after both hellos were accepted. */
  to(peer: PeerId, signal?: AbortSignal): Promise<CallSession>
  /** Sends on whichever session is best, and answers which one took it. */
  send(peer: PeerId, frame: Uint8Array, signal?: AbortSignal): Promise<CallSession>
  open(): readonly CallSession[]
  stop(): Promise<void>
}

const rank: Readonly<Record<LinkKind, number>> = { tcp: 0, direct: 1, websocket: 2, relayed: 3 }

export function openSessions(init: SessionsInit): Sessions {
  const { transport } = init
  const log = init.log ?? silentLogger
  const ready = new Map<PeerId, Set<CallSession>>()
  const opening = new Map<PeerId, Promise<CallSession>>()
  let stopped = false

  /** The best of the peer's sessions: two sides may have opened one each at the same moment. */
  function current(peer: PeerId): CallSession | undefined {
    return [...(ready.get(peer) ?? [])].sort(
      (a, b) => rank[a.link.kind] - rank[b.link.kind] || b.link.since - a.link.since,
    )[0]
  }

  /** Who is asked answers only after judging, so that it has room for what follows its hello. */
  async function establish(
    stream: FrameStream,
    direction: 'inbound' | 'outbound',
  ): Promise<CallSession> {
    const { peer } = stream
    const session: CallSession = {
      peer,
      link: stream.link,
      send: (frame) => stream.send(frame),
      close: () => stream.close(),
    }
    const frames = stream.frames()[Symbol.asyncIterator]()
    const timer = setTimeout(() => {
      stream.abort(new FederationError('transport/timeout', 'no hello arrived'))
    }, HELLO_MS)
    try {
      if (direction === 'outbound') await stream.send(init.hello())
      const first = await frames.next()
      if (first.done === true) throw new FederationError('transport/closed', 'ended before hello')
      if (first.value.byteLength > MAX_HELLO || !(await init.onHello(first.value, peer))) {
        throw new FederationError('transport/not-member', 'the hello was not accepted')
      }
      if (stopped) throw new FederationError('transport/stopped', 'the sessions were stopped')
      stream.trust()
      if (direction === 'inbound') await stream.send(init.hello())
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('hello failed'))
      throw error
    } finally {
      clearTimeout(timer)
    }
    ready.set(peer, (ready.get(peer) ?? new Set()).add(session))
    void pump(session, stream, frames)
    return session
  }

  function forget(session: CallSession): void {
    const set = ready.get(session.peer)
    set?.delete(session)
    if (set?.size === 0) ready.delete(session.peer)
  }

  async function pump(
    session: CallSession,
    stream: FrameStream,
    frames: AsyncIterator<Uint8Array>,
  ): Promise<void> {
    let clean = false
    try {
      for (let next = await frames.next(); next.done !== true; next = await frames.next()) {
        await init.onFrame(next.value, session)
      }
      clean = true
      // Out of use before it is closed: nothing new may be sent on it.
      forget(session)
      await stream.close()
    } catch (error) {
      log.log('debug', 'a session ended', { reason: errorMessage(error) })
      stream.abort(error instanceof Error ? error : new Error('session ended'))
    } finally {
      forget(session)
      init.onClosed?.(session, clean)
    }
  }

  function start(peer: PeerId, signal?: AbortSignal): Promise<CallSession> {
    const under = opening.get(peer)
    if (under !== undefined) return under
    const attempt = transport
      .open(peer, CALL_PROTOCOL, { maxFrame: MAX_CALL_FRAME, ...(signal ? { signal } : {}) })
      .then((stream) => establish(stream, 'outbound'))
      .finally(() => opening.delete(peer))
    opening.set(peer, attempt)
    return attempt
  }

  /** Moves a session to a better link; the old stream ends once the other side has read it. */
  function migrate(): void {
    for (const [peer] of ready) {
      const session = current(peer)
      if (session === undefined || opening.has(peer)) continue
      const better = transport
        .links()
        .some((link) => link.peer === peer && rank[link.kind] < rank[session.link.kind])
      // One side moves, or both would open a new session.
      if (better && transport.peer < peer) {
        start(peer).then(
          () => session.close(),
          () => {},
        )
      }
    }
  }

  const unhandle = transport.handle(
    CALL_PROTOCOL,
    (stream) => void establish(stream, 'inbound').catch(() => {}),
    {
      maxFrame: MAX_CALL_FRAME,
      maxUntrusted: MAX_HELLO,
      maxStreamsPerPeer: 4,
      maxStreamsPerStranger: 1,
      // A peer that is not on the ledger yet shows its receipt here.
      strangers: init.strangers ?? true,
    },
  )
  const unlink = transport.onLinks(migrate)

  return {
    to: async (peer, signal) => current(peer) ?? (await start(peer, signal)),
    async send(peer, frame, signal) {
      const session = current(peer) ?? (await start(peer, signal))
      try {
        await session.send(frame)
        return session
      } catch {
        // The link under it died: what was not taken may be sent once more on another.
        forget(session)
        const next = current(peer) ?? (await start(peer, signal))
        await next.send(frame)
        return next
      }
    },
    open: () => [...ready.values()].flatMap((set) => [...set]),
    async stop() {
      stopped = true
      unhandle()
      unlink()
      await Promise.all([...ready.values()].flatMap((set) => [...set].map((s) => s.close())))
    },
  }
}
