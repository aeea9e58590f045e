/**
 * Pause or Resume, Finish, Leave.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import type { PageActions, PageView, PauseReason } from '../view-model.ts'
import { words } from '../words.ts'
import { LeaveDialog } from './leave-dialog.tsx'

/** Pauses that this person made, and so can end. */
const CHOSEN: readonly PauseReason[] = ['you-paused', 'finishing', 'study-stopped']

interface ControlsProps {
  readonly view: PageView
  readonly actions: PageActions
}

export function Controls({ view, actions }: ControlsProps) {
  const leaving = useSignal(false)
  const reason = view.now.paused?.reason
  const resumable = reason !== undefined && CHOSEN.includes(reason)
  const working = view.phase === 'joined'
  return (
    <div class="controls">
      {working && resumable && (
        <button type="button" class="primary" onClick={() => actions.resume()}>
          {words.actions.resume}
        </button>
      )}
      {working && !resumable && (
        <button type="button" class="primary" onClick={() => actions.pause()}>
          {words.actions.pause}
        </button>
      )}
      {working && (
        <button
          type="button"
          class="secondary"
          title={words.actions.finishHint}
          disabled={resumable}
          onClick={() => actions.finish()}
        >
          {words.actions.finish}
        </button>
      )}
      <button
        type="button"
        class="secondary leave"
        onClick={() => {
          leaving.value = true
        }}
      >
        {words.actions.leave}
      </button>
      <LeaveDialog
        open={leaving.value}
        seated={view.ledger?.seats.some(({ you }) => you) === true}
        onClose={() => {
          leaving.value = false
        }}
        onLeave={() => actions.leave()}
      />
    </div>
  )
}
