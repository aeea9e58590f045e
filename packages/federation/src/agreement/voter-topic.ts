/**
 * Who may speak on the topic of agreement.
 *
 * @module
 */
import { refuse, type Verdict } from '@folkmoot/base'
import type { PeerId } from '@folkmoot/identity'
import type { FederationCode } from '../codes.ts'

/** Looks at a record's author before anything else is done with it. */
export function admitVoters(
  isVoter: (peer: PeerId) => boolean,
): (value: unknown, from: PeerId) => Verdict {
  return (_, from) =>
    isVoter(from)
      ? { ok: true }
      : refuse('federation/not-voter' satisfies FederationCode, 'only voters speak on this topic')
}
