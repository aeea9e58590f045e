/**
 * A few words to the founder about a study that should not run.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import { words } from '../words.ts'
import { Modal } from './modal.tsx'

const MAX_REASON = 500

interface ReportDialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly onReport: (reason: string) => void
}

export function ReportDialog({ open, onClose, onReport }: ReportDialogProps) {
  const reason = useSignal('')
  const text = words.study
  const send = (event: Event) => {
    event.preventDefault()
    onReport(reason.value.trim())
    reason.value = ''
    onClose()
  }
  return (
    <Modal id="report" title={text.reportTitle} open={open} onClose={onClose}>
      <form onSubmit={send}>
        <p class="muted">{text.reportText}</p>
        <label class="field">
          <span>{text.reportReason}</span>
          <textarea
            rows={4}
            maxLength={MAX_REASON}
            placeholder={text.reportPlaceholder}
            required
            value={reason.value}
            onInput={(event) => {
              reason.value = event.currentTarget.value
            }}
          />
        </label>
        <div class="actions end">
          <button type="button" class="secondary" onClick={onClose}>
            {text.cancel}
          </button>
          <button type="submit" class="primary">
            {text.send}
          </button>
        </div>
      </form>
    </Modal>
  )
}
