/**
 * Asks once before everything about this member is forgotten, and names what stays.
 *
 * @module
 */
import { words } from '../words.ts'
import { Modal } from './modal.tsx'

interface LeaveDialogProps {
  readonly open: boolean
  /** It holds a seat, which the others need back. */
  readonly seated: boolean
  readonly onClose: () => void
  readonly onLeave: () => void
}

export function LeaveDialog({ open, seated, onClose, onLeave }: LeaveDialogProps) {
  const { leave } = words
  return (
    <Modal id="leave" title={leave.title} open={open} onClose={onClose}>
      <p>{leave.goes}</p>
      <p>{leave.stays}</p>
      {seated && <p>{leave.seat}</p>}
      <p class="muted">{leave.warn}</p>
      <div class="actions end">
        <button type="button" class="secondary" onClick={onClose}>
          {leave.cancel}
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            onClose()
            onLeave()
          }}
        >
          {leave.confirm}
        </button>
      </div>
    </Modal>
  )
}
