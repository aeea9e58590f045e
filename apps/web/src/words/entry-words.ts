/**
 * English texts: what a visitor reads before joining: opening, the invitation, consent, joining.
 *
 * @module
 */
import { list, plural } from './count-words.ts'

export const entryWords = {
  loading: {
    title: 'Opening',
    withInvitation: 'Reading the invitation and checking who signed it.',
    withoutInvitation: 'Looking for a federation that this browser already belongs to.',
    nothingYet: 'Nothing has been joined, stored or sent.',
  },

  clockOff: (minutes: number) => `Your clock is ${minutes} min off`,

  invited: {
    kicker: 'You are invited to help answer',
    asks: 'Asked by',
    in: 'in the federation',
    by: (peer: string) =>
      `Invited by the member ${peer}. At Join the relay looks up whether this member may invite.`,
    fingerprint: 'Fingerprint',
    fingerprintHint:
      'Compare it with the one that the person who invited you sees. It names this federation and no other.',
    terms: {
      runs: 'Runs',
      leaves: 'Leaves',
      neverLeaves: 'Never leaves',
      stop: 'Stop',
      limits: 'Limits',
    },
    seen: (origin: string) =>
      `By showing you this page, ${origin} has already seen your IP address. So far nothing else has left, and nothing has been stored.`,
    consent: 'Joining makes a new key in this browser and signs what you just read.',
    shareLabel: 'Work may take',
    shareNames: { 0.25: 'a quarter', 0.5: 'half', 1: 'all' } as Record<number, string>,
    shareOf: 'of one core',
  },

  consent: {
    runs: (code: string, units: number) =>
      `Pieces of one calculation, ${plural(units, 'unit', 'units')} in all. The code is WebAssembly ${code} with nothing imported. It runs in a Worker inside a sealed frame: no network, no files, no clock, no view of this page.`,
    leaves: (numbers: readonly string[]) =>
      `A new peer id; the study's results (${list(numbers)}) and how long each took, signed with your key.`,
    leavesAddress: (stun: readonly string[]) =>
      stun.length === 0
        ? 'Your IP address, to the relay and to the peers your browser connects to directly (WebRTC). No STUN server is asked.'
        : `Your IP address, to the relay, to the peers your browser connects to directly (WebRTC), and to ${stun.length === 1 ? 'the STUN server' : 'the STUN servers'} ${list(stun.map((url) => url.slice(url.indexOf(':') + 1)))}, which your browser asks how it is seen from outside.`,
    neverLeaves:
      'Files, browsing, name, mail, location, the key itself. The code cannot see them, and a guard lets out only the numbers declared above.',
    stop: 'Pause, finish or leave at any moment; closing the tab is safe. Leave deletes key, log and consent from this browser. Results that are already final stay on the record under your peer id.',
    limits: (memoryMiB: number, stepMs: number, unitMs: number) =>
      `${memoryMiB} MiB of memory. A step over ${Math.round(stepMs / 100) / 10} s or a unit over ${Math.round(unitMs / 1000)} s is ended. Only while this tab is open.`,
  },

  joining: {
    title: 'Joining',
    steps: ['Make a key', 'Reach the relay', 'Redeem the invitation', 'Meet the others'],
    unreachable: 'The relay does not answer. Trying again until it does.',
  },
}
