/**
 * Everything that most volunteers never need. Nothing in it is built before it is opened.
 *
 * @module
 */
import { useSignal, useSignalEffect } from '@preact/signals'
import { decisionsAsked } from '../show-decisions.ts'
import type { PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { DecisionsPart, useDecisionsAhead } from './decisions-part.tsx'
import { Guard } from './guard.tsx'
import { History } from './history.tsx'
import { Identity } from './identity.tsx'
import { Limits } from './limits.tsx'
import { Study } from './study.tsx'
import { Trust } from './trust.tsx'

interface DetailsProps {
  readonly view: PageView
  readonly actions: PageActions
}

export function Details({ view, actions }: DetailsProps) {
  const open = useSignal(false)
  useDecisionsAhead(view)
  useSignalEffect(() => {
    if (decisionsAsked.value) open.value = true
  })
  return (
    <details
      class="details"
      open={open.value}
      onToggle={(event) => {
        open.value = event.currentTarget.open
      }}
    >
      <summary>
        <span class="details-title">{words.details.summary}</span>
        <span class="muted small">{words.details.hint}</span>
      </summary>
      {open.value && (
        <div class="details-body">
          <Study view={view} actions={actions} />
          <Guard study={view.study} />
          <DecisionsPart view={view} actions={actions} />
          <Trust view={view} />
          <History view={view} />
          <Identity view={view} />
          {view.phase === 'joined' && <Limits view={view} actions={actions} />}
        </div>
      )}
    </details>
  )
}
