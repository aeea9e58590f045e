/**
 * The value that is known from elsewhere, beside what the volunteers found.
 *
 * @module
 */
import { referenceValue } from '../reference-value.ts'
import type { AnswerView } from '../view-model.ts'
import { words } from '../words.ts'

interface ExactValueProps {
  readonly reference: NonNullable<AnswerView['reference']>
  readonly answer: AnswerView
}

export function ExactValue({ reference, answer }: ExactValueProps) {
  const value = referenceValue(reference.text)
  const within = value !== null && value >= answer.low && value <= answer.high
  return (
    <div class="figure exact">
      <p class="kicker">{words.answer.exact}</p>
      <p class="estimate exact-number">{reference.text}</p>
      <p class="muted">{reference.source}</p>
      {value !== null && <p class="small">{within ? words.answer.agrees : words.answer.differs}</p>}
    </div>
  )
}
