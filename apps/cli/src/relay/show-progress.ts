/**
 * What the terminal shows while a relay runs: the same few facts as the page, in at most eight
 * lines that are redrawn in place; off a terminal, a line when something has changed.
 *
 * @module
 */

import type { Peer } from '@folkmoot/federation'
import { fingerprint } from '@folkmoot/identity'
import type { Ready } from '../admin-api.ts'
import type { Output } from '../output.ts'
import { summarise } from './describe-study.ts'
import { qrText } from './qr-text.ts'

export interface ShowProgressInit {
  readonly peer: Peer
  readonly output: Output
  readonly ready: Ready
  readonly isPublic: boolean
}

/** Off a terminal: no more than one line in this time. */
const lineMs = 2_000

/** Prints the ready line, then progress; the returned function ends it. */
export function showProgress({ peer, output, ready, isPublic }: ShowProgressInit): () => void {
  output.data('relay', ready, (data) =>
    [
      `${peer.charter.name} · federation ${fingerprint(data.federation)}`,
      '',
      ...(data.invite === ''
        ? [
            peer.me === peer.charter.founder
              ? '  There is no invitation at present: `folkmoot invite create` or `propose invitation` make one.'
              : '  One more relay of this federation; its founder makes the invitations.',
          ]
        : [
            '  Open this link in a browser to join:',
            `  ${data.invite}`,
            '',
            ...(isPublic
              ? [qrText(data.invite)]
              : ['  It works on this machine. To share it, run with --public https://your.host']),
          ]),
      `  Admin ${data.admin} · stop with Ctrl-C`,
    ].join('\n'),
  )
  if (output.format !== 'text') return () => {}
  let last = ''
  let timer: ReturnType<typeof setTimeout> | null = null
  const show = () => {
    timer = null
    const line = progressLine(peer)
    if (line === last) return
    last = line
    if (process.stderr.isTTY) output.progress(line)
    else output.note(line)
  }
  const unsubscribe = peer.onChange(() => {
    timer ??= setTimeout(show, process.stderr.isTTY ? 200 : lineMs)
  })
  show()
  return () => {
    unsubscribe()
    if (timer !== null) clearTimeout(timer)
  }
}

/** One line for the newest study. */
export function progressLine(peer: Peer): string {
  const here = peer.present().filter(({ status }) => status === 'here').length
  const people = `${here} here`
  const room = peer.studies.rooms().at(-1)
  if (room === undefined) return `${people} · no study is open`
  const study = summarise(peer, room)
  const answer =
    study.answer === null
      ? ''
      : ` · ${study.answer.label} ≈ ${study.answer.estimate.toFixed(4)} ± ${((study.answer.high - study.answer.low) / 2).toFixed(4)}`
  const units = `${study.final} of ${study.units} final, ${study.provisional} provisional`
  const notice = study.notice === null ? '' : ` · ${study.notice}`
  return `${people} · ${study.title}: ${units}${answer}${notice}`
}
