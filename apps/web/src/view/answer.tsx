/**
 * The answer, large, with the interval in which it lies.
 *
 * @module
 */
import { formatEstimate } from '../format.ts'
import type { CoursePoint } from '../recollection.ts'
import type { AnswerView, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Announcer } from './announcer.tsx'
import { ExactValue } from './exact-value.tsx'
import { IntervalChart } from './interval-chart.tsx'
import { IntervalTable } from './interval-table.tsx'

interface AnswerProps {
  readonly view: PageView
  readonly course: readonly CoursePoint[]
}

export function Answer({ view, course }: AnswerProps) {
  const { answer } = view
  const finished = view.phase === 'finished'
  return (
    <section class="answer" aria-labelledby="answer-title">
      <h2 id="answer-title" class="kicker">
        {finished ? words.answer.final : words.answer.soFar}
      </h2>
      {answer ? (
        <Known answer={answer} view={view} course={course} finished={finished} />
      ) : (
        <div class="no-answer">
          <p class="estimate waiting">{words.answer.none}</p>
          <p class="muted">{words.answer.noneHint}</p>
        </div>
      )}
    </section>
  )
}

interface KnownProps extends AnswerProps {
  readonly answer: AnswerView
  readonly finished: boolean
}

function Known({ answer, view, course, finished }: KnownProps) {
  const { value, spread, low, high } = formatEstimate(answer.estimate, answer.low, answer.high)
  const total = view.study?.units ?? answer.doneUnits
  const points = course.length > 0 ? course : [answer]
  const reference = finished ? answer.reference : undefined
  const facts = Object.entries(answer.facts)
  return (
    <>
      <div class="figures">
        <div class="figure">
          <p class="estimate">
            <span class="estimate-label">{answer.label} ≈ </span>
            {value}
            <span class="estimate-spread"> ± {spread}</span>
          </p>
          <p class="muted">{words.answer.between(low, high)}</p>
        </div>
        {reference && <ExactValue reference={reference} answer={answer} />}
      </div>
      <IntervalChart points={points} total={total} reference={reference?.text} />
      <IntervalTable points={points} facts={facts} />
      <Announcer
        text={words.answer.announce(answer.label, value, spread, answer.doneUnits, total)}
      />
    </>
  )
}
