/**
 * What this tab's owner should know, as a short list above everything else.
 *
 * @module
 */
import { noticesOf } from '../notices.ts'
import { decisionsAsked } from '../show-decisions.ts'
import type { PageView } from '../view-model.ts'

export function Notices({ view }: { readonly view: PageView }) {
  const notices = noticesOf(view)
  if (notices.length === 0) return null
  return (
    <div role="status">
      <ul class="notices">
        {notices.map((notice) => (
          <li key={notice.id} class="notice" data-notice={notice.id} data-tone={notice.tone}>
            <strong>{notice.title}</strong>
            {notice.text && <span>{notice.text}</span>}
            {notice.decisions && (
              <button
                type="button"
                class="quiet"
                onClick={() => {
                  decisionsAsked.value = true
                }}
              >
                {notice.decisions}
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
