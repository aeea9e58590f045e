/**
 * `window.folkmoot.peek()`: what the page shows, as a frozen copy, for tests and debugging.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { LedgerView, LinkView, PageView, PauseReason } from './view-model.ts'

export interface Peek {
  readonly peerId: string | null
  readonly federation: string | null
  readonly joined: boolean
  readonly paused: { readonly reason: PauseReason; readonly until?: Millis } | null
  readonly links: readonly Pick<LinkView, 'peer' | 'kind' | 'rttMs'>[]
  readonly study: {
    readonly id: string
    readonly done: number
    readonly total: number
    readonly state: string
    readonly mine: number
  } | null
  readonly ledger: Pick<
    LedgerView,
    'engine' | 'epoch' | 'height' | 'view' | 'voters' | 'finalAtMs'
  > | null
  readonly leader: boolean
}

/** Units that are settled: agreed by enough peers, recorded or not. */
export function settledUnits(view: Pick<PageView, 'tiles'>): number {
  return view.tiles.filter((tile) => tile.state === 'accepted' || tile.state === 'final').length
}

export function peek(view: PageView): Peek {
  const { paused } = view.now
  const joined = view.peerId !== null && (view.phase === 'joined' || view.phase === 'finished')
  return deepFreeze({
    peerId: view.peerId,
    federation: view.federation?.id ?? null,
    joined,
    paused: paused && {
      reason: paused.reason,
      ...(paused.until === undefined ? {} : { until: paused.until }),
    },
    links: view.links.map(({ peer, kind, rttMs }) => ({ peer, kind, rttMs })),
    study: view.study && {
      id: view.study.id,
      done: settledUnits(view),
      total: view.study.units,
      state: view.study.state,
      mine: view.now.mineDone,
    },
    ledger: view.ledger && {
      engine: view.ledger.engine,
      epoch: view.ledger.epoch,
      height: view.ledger.height,
      view: view.ledger.view,
      voters: [...view.ledger.voters],
      finalAtMs: view.ledger.finalAtMs,
    },
    leader: view.leader,
  })
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object') return value
  for (const inner of Object.values(value)) deepFreeze(inner)
  return Object.freeze(value)
}
