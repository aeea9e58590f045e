/**
 * Follows a study on the running relay until nothing more can happen to it.
 *
 * @module
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Study, studySchema } from '../admin-api.ts'
import type { AdminClient } from '../admin-client.ts'
import type { Output } from '../output.ts'

/** Often enough to look alive, seldom enough to cost nothing. */
const EVERY_MS = 1000

function line(study: Study): string {
  const { final, accepted, provisional, units, answer } = study
  const about =
    answer === null
      ? 'no answer yet'
      : `${answer.label} ${answer.estimate.toFixed(4)} (${answer.low.toFixed(4)} to ${answer.high.toFixed(4)})`
  return `${final} final, ${accepted} accepted, ${provisional} provisional of ${units}: ${about}`
}

/** As jsonl every change is printed; otherwise progress goes to the terminal and the end is data. */
export async function watchStudy(admin: AdminClient, id: string, output: Output): Promise<void> {
  let before = ''
  for (;;) {
    const study = await admin.get(`/v1/studies/${encodeURIComponent(id)}`, studySchema)
    const { unitStates: _, ...summary } = study
    const now = line(study)
    const over = study.state === 'recorded' || study.state === 'closed'
    if (output.format === 'jsonl') {
      if (now !== before || over) output.data('study-progress', summary, line as never)
    } else if (now !== before) output.progress(now)
    if (study.notice !== null && before === '') output.note(study.notice)
    before = now
    if (over) {
      if (output.format !== 'jsonl') output.data('study-progress', summary, () => now)
      return
    }
    await wait(EVERY_MS)
  }
}
