/**
 * What can be done with a finished study: check it, keep it, repeat it.
 *
 * @module
 */
import type { PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { VerificationLine } from './verification-line.tsx'

interface FinishedBarProps {
  readonly view: PageView
  readonly actions: PageActions
}

export function FinishedBar({ view, actions }: FinishedBarProps) {
  const { finished } = words
  const closed = view.study?.state === 'closed'
  return (
    <div class="finished">
      <p class="muted">
        {closed ? finished.closed : finished.recorded(view.study?.units ?? 0)} {finished.proof}
      </p>
      <div class="actions">
        <button
          type="button"
          class="primary"
          disabled={view.verification.state === 'running'}
          onClick={() => actions.verifyStudy()}
        >
          {words.actions.verify}
        </button>
        <button type="button" class="secondary" onClick={() => actions.downloadProof()}>
          {words.actions.downloadProof}
        </button>
        {view.peerId && (
          <button
            type="button"
            class="secondary"
            title={finished.again}
            onClick={() => actions.runAgain()}
          >
            {words.actions.runAgain}
          </button>
        )}
      </div>
      <VerificationLine verification={view.verification} running={finished.running} />
    </div>
  )
}
