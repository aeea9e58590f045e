/**
 * What this tab is doing, why it is not, and the buttons that stop it: always in sight.
 *
 * @module
 */
import { formatClock, formatDuration, formatNumber } from '../format.ts'
import type { Confirmation } from '../recollection.ts'
import type { NowView, PageActions, PageView } from '../view-model.ts'
import { words } from '../words.ts'
import { Controls } from './controls.tsx'

interface NowProps {
  readonly view: PageView
  readonly confirmations: readonly Confirmation[]
  readonly actions: PageActions
}

export function Now({ view, confirmations, actions }: NowProps) {
  const { now } = view
  const finished = view.phase === 'finished'
  return (
    <section
      class="now"
      aria-labelledby="region-now"
      data-paused={now.paused?.reason}
      data-finished={finished ? 'yes' : undefined}
    >
      <div class="now-bar">
        <div class="now-head">
          <h2 id="region-now">{words.regions.now}</h2>
          <p class="now-state">{headline(now, finished)}</p>
          <p class="now-why muted">{explanation(now, finished)}</p>
          <p class="visually-hidden" role="status">
            {now.paused ? `${words.now.paused}: ${now.paused.words}` : ''}
          </p>
        </div>
        <Progress now={now} finished={finished} />
        <Controls view={view} actions={actions} />
      </div>
      <div class="now-more">
        <dl class="tally">
          <Count value={formatNumber(now.mineDone)} label={words.now.done} />
          <Count value={formatNumber(now.mineFinal)} label={words.now.final} />
          {!finished && <Count value={formatNumber(now.unitsPerMinute)} label={words.now.rate} />}
        </dl>
        {confirmations.length > 0 && (
          <ul class="confirmations plain small">
            {confirmations.map(({ unit, by }) => (
              <li key={unit}>
                {words.tiles.yourConfirmed(unit)}
                <strong>{words.list(by.slice(0, 2))}</strong>
              </li>
            ))}
          </ul>
        )}
        {!finished && view.study && (
          <p class="now-sends muted small">{words.now.sends(view.study.leaves)}</p>
        )}
      </div>
    </section>
  )
}

function headline(now: NowView, finished: boolean): string {
  if (finished) return words.now.complete
  if (now.paused && now.paused.reason !== 'finishing') return words.now.paused
  return now.unit === null ? words.now.ready : words.now.computing(now.unit)
}

function explanation(now: NowView, finished: boolean): string {
  if (finished) return words.left.thanks
  if (now.paused) {
    const why = now.paused.words || words.reasons[now.paused.reason]
    const { until } = now.paused
    return until === undefined ? why : `${why} ${words.now.until(formatClock(until))}`
  }
  return now.etaMs === null ? words.reasons['no-work'] : words.now.left(formatDuration(now.etaMs))
}

function Progress({ now, finished }: { readonly now: NowView; readonly finished: boolean }) {
  if (finished) return null
  const value = now.unit === null || now.progress === null ? 0 : now.progress
  return (
    <progress class="progress" max={1} value={value} aria-label={words.now.progress}>
      {Math.round(value * 100)}
    </progress>
  )
}

function Count({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  )
}
