/**
 * Hands the invitation on: the link, and a picture of it where another machine could open it.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import { isLoopback } from '../loopback.ts'
import { words } from '../words.ts'
import { CopyButton } from './copy-button.tsx'
import { Modal } from './modal.tsx'
import { QrCode } from './qr-code.tsx'

export function Share({ link }: { readonly link: string }) {
  const showing = useSignal(false)
  const local = isLoopback(link)
  return (
    <section class="share" aria-labelledby="share-title">
      <h2 id="share-title">{words.regions.share}</h2>
      <p class="muted small">{local ? words.share.loopback : words.share.lead}</p>
      <div class="actions">
        <CopyButton text={link} label={words.share.copy} />
        {!local && (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              showing.value = true
            }}
          >
            {words.share.show}
          </button>
        )}
      </div>
      <Modal
        id="qr"
        title={words.regions.share}
        open={showing.value}
        onClose={() => {
          showing.value = false
        }}
      >
        {showing.value && <QrCode text={link} />}
        <p class="muted small">{words.share.lead}</p>
        <div class="actions end">
          <CopyButton text={link} label={words.share.copy} />
          <button
            type="button"
            class="primary"
            onClick={() => {
              showing.value = false
            }}
          >
            {words.actions.close}
          </button>
        </div>
      </Modal>
    </section>
  )
}
