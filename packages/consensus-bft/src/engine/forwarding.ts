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

/** Least time between two turns that pass operations on: what comes meanwhile shares the next. */
const FORWARD_MS = 2
/** Passed on in one turn: a full block, and little of what may wait of one peer for another. */
const TURN_BYTES = 1024 * 1024

export function createForwarding(init: ForwardingInit): Forwarding {
  const { deltaMs, me, network, timers } = init
  const unsent: ForwardedOperation[] = []
  let cancelRetry: (() => void) | undefined
  let cancelPassOn: (() => void) | undefined
  let isStopped = false
  let lastRetried: string | undefined

  function passOn(): void {
    cancelPassOn = undefined
    if (unsent.length === 0 || isStopped) return
    send(unsent.splice(0, inOneTurn(unsent)), init.leaders())
    cancelPassOn = timers.after(FORWARD_MS, passOn)
  }

  function send(operations: readonly ForwardedOperation[], to: readonly PeerId[]): void {
    const peers = to.filter((peer) => peer !== me)
    for (const message of encodeOperations(operations)) {
      for (const peer of peers) network.send(peer, message, 'repeated')
    }
  }

  /** Oldest first, and those after them the next time: what nobody takes holds up nothing. */
  function nextInTurn(waiting: readonly ForwardedOperation[]): readonly ForwardedOperation[] {
    const rest = waiting.slice(waiting.findIndex(({ id }) => id === lastRetried) + 1)
    const from = rest.length > 0 ? rest : waiting
    const turn = from.slice(0, inOneTurn(from))
    lastRetried = turn.at(-1)?.id
    return turn
  }

  function retry(): void {
    cancelRetry = undefined
    const all = init.waiting()
    if (all.length === 0 || isStopped) return
    const waiting = nextInTurn(all)
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

/** How many of the first go in one turn: several, as large as one may be. */
function inOneTurn(operations: readonly ForwardedOperation[]): number {
  let size = 0
  const end = operations.findIndex(({ bytes }) => {
    size += bytes.length
    return size > TURN_BYTES
  })
  return end < 0 ? operations.length : end
}
