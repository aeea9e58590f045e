/**
 * The limits of the work, to be changed at any time.
 *
 * @module
 */
import type { PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Region } from './region.tsx'
import { SharePicker } from './share-picker.tsx'

interface LimitsProps {
  readonly view: PageView
  readonly actions: PageActions
}

export function Limits({ view, actions }: LimitsProps) {
  const limits = view.study?.limits
  return (
    <Region id="limits" title={words.regions.limits} lead={words.limits.lead}>
      <SharePicker share={view.share} onShare={(share) => actions.setShare(share)} />
      {limits && (
        <p class="muted small">
          {words.consent.limits(limits.memoryMiB, limits.stepMs, limits.unitMs)}
        </p>
      )}
    </Region>
  )
}
