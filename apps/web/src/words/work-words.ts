/**
 * English texts: the answer, the units and what this tab does now.
 *
 * @module
 */

import type { PauseReason, Tile } from '../view-model.ts'
import { list, plural } from './count-words.ts'

export const workWords = {
  answer: {
    soFar: 'The answer so far',
    final: 'The answer',
    none: 'No result yet',
    noneHint: 'The first estimate appears when the first unit is done.',
    between: (low: string, high: string) => `likely between ${low} and ${high}`,
    chart: (done: number, total: number) =>
      `How the interval narrowed, over ${done} of ${total} units`,
    exact: 'Exact value',
    agrees: 'The exact value lies within the interval.',
    differs:
      'The exact value lies outside the interval. That happens to an honest study now and then, the more seldom the wider it makes the interval.',
    announce: (label: string, value: string, spread: string, done: number, total: number) =>
      `${label} is about ${value}, plus or minus ${spread}, from ${done} of ${total} units.`,
    unitsAxis: 'units',
    tableSummary: 'Numbers as a table',
    tableHeads: ['Units', 'Estimate', 'Low', 'High'],
  },

  facts: 'Also reported',

  tiles: {
    heading: 'Units',
    states: {
      waiting: 'waiting',
      computing: 'computing',
      provisional: 'provisional',
      accepted: 'agreed',
      final: 'final',
      disputed: 'disputed',
    } satisfies Record<Tile['state'], string>,
    hints: {
      waiting: 'nobody has computed it yet',
      computing: 'someone is at it',
      provisional: 'one answer, nobody has confirmed it',
      accepted: 'enough agree, waiting to be recorded',
      final: 'recorded for good',
      disputed: 'answers differ, another will decide',
    } satisfies Record<Tile['state'], string>,
    mine: {
      none: '',
      computing: 'you are computing it',
      agreed: 'your result agrees',
      pending: 'your result waits for another',
      'not-accepted': 'your result was not accepted',
    } satisfies Record<Tile['mine'], string>,
    yours: 'with your work',
    unit: (unit: number) => `Unit ${unit}`,
    confirmed: (by: readonly string[]) => `confirmed by ${list(by)}`,
    hint: 'Point at a unit, or use the arrow keys, to see who did what.',
    hintTouch: 'Tap a unit to see who did what.',
    summary: (parts: readonly string[], total: number) =>
      `${plural(total, 'unit', 'units')}: ${parts.join(', ')}.`,
    settled: (done: number, total: number) => `${done} of ${total} settled`,
    yourConfirmed: (unit: number) => `Your unit ${unit} was confirmed by `,
  },

  notAccepted: {
    title: (n: number) =>
      n === 1 ? 'A result of yours was not accepted' : `${n} of your results were not accepted`,
    text: 'Others computed the same unit and agree on another result. It does not count, and nothing else of yours is touched. Faulty memory, an overclocked processor or an extension that changes pages can do this.',
    more: (n: number) => `and ${n} more`,
  },

  now: {
    computing: (unit: number) => `Computing unit ${unit}`,
    ready: 'Waiting for the next unit',
    paused: 'Paused',
    until: (time: string) => `until ${time}`,
    left: (duration: string) => `about ${duration} left`,
    progress: 'Progress of this unit',
    done: 'done by you',
    final: 'of them final',
    rate: 'units a minute',
    sends: (numbers: readonly string[]) => `Sends next: ${list(numbers)}.`,
    complete: 'This study is finished',
  },

  reasons: {
    'you-paused': 'You paused it.',
    finishing: 'Finishing this unit, then it stops.',
    'no-work': 'No unit needs you right now.',
    complete: 'Every unit is done.',
    'no-peers': 'Nobody is connected yet.',
    'study-stopped': 'You stopped this study.',
    'another-tab': 'Another tab is working.',
    asleep: 'This tab was asleep; saying hello again.',
    'storage-full': 'The log of what left is full, and nothing may leave unrecorded.',
  } satisfies Record<PauseReason, string>,
}
