/**
 * Drives {@link stepMesh}: brings it the time and the links, performs its dials.
 *
 * @module
 */
import { errorMessage, type Logger, type Millis } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import { emptyMesh, type MeshConfig, type MeshInput, meshDefaults, stepMesh } from './mesh-plan.ts'
import type { LinkKind } from './transport.ts'

const TICK_MS: Millis = 200

export interface MeshInit {
  readonly self: PeerId
  readonly enabled: boolean
  readonly config: Partial<Omit<MeshConfig, 'self'>>
  readonly dice: () => number
  /** Whether there is a relay to dial through; without one nothing is tried, and nothing fails. */
  readonly ready: () => boolean
  readonly links: () => ReadonlyMap<PeerId, LinkKind>
  /** Resolves once a direct link stands. */
  readonly dial: (peer: PeerId) => Promise<void>
  readonly log: Logger
}

export interface Mesh {
  setPeers(peers: readonly PeerId[], waiting?: ReadonlySet<PeerId>): void
  tick(): void
  nudge(): void
  stop(): void
}

export function startMesh(init: MeshInit): Mesh {
  const config: MeshConfig = { ...meshDefaults, ...init.config, self: init.self }
  let state = emptyMesh
  let stopped = !init.enabled

  function apply(input: MeshInput): void {
    if (stopped) return
    const step = stepMesh(config, state, input, init.dice)
    state = step.state
    for (const { peer } of step.effects) {
      init.dial(peer).then(
        () => apply({ type: 'dialled', peer, ok: true, at: Date.now() }),
        (error) => {
          const cause = error instanceof Error ? (error.cause ?? error) : error
          init.log.log('debug', 'direct dial failed', { reason: errorMessage(cause) })
          apply({ type: 'dialled', peer, ok: false, at: Date.now() })
        },
      )
    }
  }
  const tick = () => {
    if (init.ready()) apply({ type: 'tick', at: Date.now(), links: init.links() })
  }
  const timer = stopped ? undefined : setInterval(tick, TICK_MS)

  return {
    setPeers(peers, waiting = new Set(peers.filter((peer) => init.self < peer))) {
      apply({ type: 'peers', peers, waiting })
      tick()
    },
    tick,
    nudge() {
      apply({ type: 'nudge' })
      tick()
    },
    stop() {
      stopped = true
      clearInterval(timer)
    },
  }
}
