/**
 * How a verification stands, in one line that screen readers announce.
 *
 * @module
 */
import type { Verification } from '../view-model.ts'

interface VerificationLineProps {
  readonly verification: Verification
  readonly running: string
}

export function VerificationLine({ verification, running }: VerificationLineProps) {
  const { state } = verification
  const text = state === 'idle' ? '' : state === 'running' ? running : verification.words
  return (
    <p class="verification" role="status" data-state={state}>
      {text}
    </p>
  )
}
