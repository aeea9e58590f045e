/**
 * English texts: leaving, having left, and a study that is finished.
 *
 * @module
 */
import { plural } from './count-words.ts'

export const endWords = {
  leave: {
    title: 'Leave and be forgotten?',
    goes: 'Deleted from this browser: your key, your log of what left, your consent.',
    stays:
      'Stays with the others: your peer id, results that are final, ledger entries, and hashes in their logs.',
    seat: 'You hold a seat: it is given back first, so that the others can go on. That may take 20 seconds.',
    warn: 'The key cannot be brought back. Export the log first if you want to keep it.',
    confirm: 'Forget me',
    cancel: 'Stay',
    leaving: 'Leaving',
    givingBack: 'Giving your seat back, so that the others can go on without you (up to 20 s).',
    telling: 'Telling the others, so that nobody can use your key again.',
  },

  left: {
    title: 'You have left',
    text: 'This browser has forgotten you. Key, log and consent are deleted, and a revocation was handed to the others, so that nobody can use the key again.',
    textUnpublished:
      'This browser has forgotten you. Key, log and consent are deleted. Those who decide were out of reach, or too few, so the revocation of the key is not on record yet: download it, and give it to whoever invited you.',
    stays: 'What stays with the others',
    staysList: (final: number, peer: string, published: boolean) => [
      `Your peer id ${peer}`,
      final === 0
        ? 'No final result: none of yours had become final'
        : `${plural(final, 'final result', 'final results')} under that id, in the federation's record`,
      published
        ? 'Ledger entries: your admission and your leaving'
        : 'Ledger entries, such as your admission',
      'Hashes of messages, in the logs of peers you spoke with',
    ],
    revocation: 'Download the revocation',
    revocationHint: 'Proof that the key is dead, should anyone ever use it.',
    thanks: 'Thank you for what you gave.',
  },

  finished: {
    kicker: 'Finished',
    recorded: (units: number) => `${plural(units, 'unit', 'units')} recorded. Anyone can check it.`,
    proof:
      'The proof holds every result, who signed it, and the record that made it final. It can be checked without this site, and without trusting us.',
    running: 'Verifying: checking every signature and running the last step again.',
    again: 'A new run starts from nothing and gives its own answer.',
    closed: 'This study was closed before every unit was done.',
  },
}
