/**
 * Passes on what was submitted here: at once to those who lead next, and again, to every voter,
 * until it is final.
 *
 * @module
 */
import type { Millis, Timers } from '@folkmoot/base'
import type { ConsensusNetwork } from '@folkmoot/consensus'
import type { PeerId } from '@folkmoot/identity'
import { encodeOperations, type ForwardedOperation } from './operations-message.ts'

export interface ForwardingInit {
  readonly me: PeerId
  readonly network: ConsensusNetwork
  readonly timers: Timers
  readonly deltaMs: Millis
  /** Those who lead this view and the next ones. */
  readonly leaders: () => readonly PeerId[]
  readonly voters: () => readonly PeerId[]
  /** What was submitted here and still waits. */
  readonly waiting: () => readonly ForwardedOperation[]
}

export interface Forwarding {
  forward(operation: ForwardedOperation): void
  stop(): void
}

/** Least time between two messages that pass operations on: what comes meanwhile shares the next. */
const FORWARD_MS = 2

export function createForwarding(init: ForwardingInit): Forwarding {
  const { deltaMs, me, network, timers } = init
  const unsent: ForwardedOperation[] = []
  let cancelRetry: (() => void) | undefined
  let cancelPassOn: (() => void) | undefined
  let isStopped = false

  function passOn(): void {
    cancelPassOn = undefined
    if (unsent.length === 0 || isStopped) return
    send(unsent.splice(0), init.leaders())
    cancelPassOn = timers.after(FORWARD_MS, passOn)
  }

  function send(operations: readonly ForwardedOperation[], to: readonly PeerId[]): void {
    const peers = to.filter((peer) => peer !== me)
    for (const message of encodeOperations(operations)) {
      for (const peer of peers) network.send(peer, message)
    }
  }

  function retry(): void {
    cancelRetry = undefined
    const waiting = init.waiting()
    if (waiting.length === 0 || isStopped) return
    const voters = init.voters()
    send(waiting, voters)
    const connected = new Set(network.connected())
    // Nobody who votes has a link to us: gossip still may reach them.
    if (!voters.some((peer) => connected.has(peer))) {
      for (const message of encodeOperations(waiting)) network.publish(message)
    }
    cancelRetry = timers.after(8 * deltaMs, retry)
  }

  return {
    forward: (operation) => {
      unsent.push(operation)
      // What is submitted at the same time travels together.
      if (unsent.length === 1 && !cancelPassOn) void Promise.resolve().then(passOn)
      cancelRetry ??= timers.after(4 * deltaMs, retry)
    },
    stop: () => {
      isStopped = true
      cancelRetry?.()
      cancelPassOn?.()
    },
  }
}
