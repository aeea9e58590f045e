/**
 * The study as its author wrote it, and how to object to it.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import { shortContent } from '../format.ts'
import type { PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { CopyButton } from './copy-button.tsx'
import { Facts } from './facts.tsx'
import { Region } from './region.tsx'
import { ReportDialog } from './report-dialog.tsx'

interface StudyProps {
  readonly view: PageView
  readonly actions: PageActions
}

export function Study({ view, actions }: StudyProps) {
  const reporting = useSignal(false)
  const reported = useSignal(false)
  const { study, studies } = view
  if (!study) return null
  const text = words.study
  const others = studies.filter((other) => other.id !== study.id)
  return (
    <Region id="study" title={words.regions.study} lead={study.purpose}>
      <Facts
        facts={[
          [text.title, study.title],
          [text.state, text.states[study.state]],
          [text.author, study.author],
          [text.contact, study.contact],
          [text.licence, study.licence],
          [text.validation, study.validation],
          [
            text.independence,
            study.independence === 'roots' ? text.roots : words.notices.notChecked,
          ],
          [text.code, <ContentId key="code" id={study.code} />],
          [text.id, <ContentId key="id" id={study.id} />],
          [text.others, others.map((other) => `${other.title} (${other.state})`).join(', ')],
        ]}
      />
      {view.peerId && (
        <div class="actions">
          <button
            type="button"
            class="quiet"
            onClick={() => {
              reporting.value = true
            }}
          >
            {text.report}
          </button>
          {view.phase === 'joined' && (
            <button type="button" class="quiet" onClick={() => actions.stopStudy()}>
              {text.stop}
            </button>
          )}
        </div>
      )}
      <ReportDialog
        open={reporting.value}
        onClose={() => {
          reporting.value = false
        }}
        onReport={(reason) => {
          actions.reportStudy(reason)
          reported.value = true
        }}
      />
      <p class="muted small" role="status">
        {reported.value ? text.sent : ''}
      </p>
    </Region>
  )
}

function ContentId({ id }: { readonly id: string }) {
  return (
    <span class="peer-id">
      <code title={id}>{shortContent(id)}</code>
      <CopyButton text={id} />
    </span>
  )
}
