/**
 * Copies a text and says so for a moment.
 *
 * @module
 */
import { useSignal } from '@preact/signals'
import { shortPeer } from '../format.ts'
import { words } from '../words.ts'

const CONFIRM_MS = 1600

interface CopyButtonProps {
  readonly text: string
  readonly label?: string
}

export function CopyButton({ text, label = words.actions.copy }: CopyButtonProps) {
  const copied = useSignal(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    copied.value = true
    setTimeout(() => {
      copied.value = false
    }, CONFIRM_MS)
  }
  return (
    <button type="button" class="quiet copy" title={`${label}: ${text}`} onClick={copy}>
      <span aria-live="polite">{copied.value ? words.actions.copied : label}</span>
      {label === words.actions.copy && <span class="visually-hidden"> {shortPeer(text)}</span>}
    </button>
  )
}
