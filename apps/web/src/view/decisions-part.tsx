/**
 * Decisions, loaded when they are first looked at: most volunteers never do. Who takes part in
 * deciding has them before the relay, from which the page comes, may be away.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { decisionsAsked } from '../show-decisions.ts'
import type { PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Region } from './region.tsx'

interface DecisionsPartProps {
  readonly view: PageView
  readonly actions: PageActions
}

const load = () => import('./decisions/decisions.tsx')
type Loaded = Awaited<ReturnType<typeof load>>['Decisions']

/** Loads Decisions ahead, and opens nothing. */
export function useDecisionsAhead({ ledger }: PageView): void {
  const takesPart = ledger !== null && ledger.role !== 'observer'
  useEffect(() => {
    if (takesPart) load().catch(() => {})
  }, [takesPart])
}

export function DecisionsPart({ view, actions }: DecisionsPartProps) {
  const loaded = useSignal<{ readonly Decisions: Loaded } | null>(null)
  const failed = useSignal(false)
  const asked = decisionsAsked.value
  useEffect(() => {
    load().then(
      (part) => {
        loaded.value = part
      },
      () => {
        failed.value = true
      },
    )
    // What could not be had from a relay that was away is asked for again.
  }, [view.relayUp])
  useEffect(() => {
    if (!asked || loaded.value === null) return
    decisionsAsked.value = false
    const heading = document.getElementById('region-decisions')
    heading?.scrollIntoView()
    heading?.focus({ preventScroll: true })
  }, [asked, loaded.value])
  if (loaded.value !== null) return <loaded.value.Decisions view={view} actions={actions} />
  return (
    <Region id="decisions" title={words.regions.decisions}>
      {failed.value && <p class="muted">{words.details.away}</p>}
    </Region>
  )
}
