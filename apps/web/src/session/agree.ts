/**
 * What a person does about agreement in this tab: check it, prove from it, take part.
 *
 * @module
 */
import { errorMessage, type Verdict } from '@folkmoot/base'
import type { Agreement } from '@folkmoot/federation'
import type { PageView, Verification } from '../view-model.ts'
import { words } from '../words.ts'
import { download } from './download.ts'
import type { AgreementWork } from './work.ts'

interface AgreeInit {
  readonly agreement: Agreement
  readonly show: (change: Partial<PageView>) => void
  /** Shows why something that was asked for did not happen. */
  readonly tell: (notice: string | null) => void
}

export function agreementWork({ agreement, show, tell }: AgreeInit): AgreementWork {
  const check = async <T>(
    field: 'decisionsVerification' | 'factVerification',
    what: Promise<Verdict<T>>,
    say: (value: T) => Verification,
  ): Promise<void> => {
    const shown = (verification: Verification) => show({ [field]: verification })
    shown({ state: 'running' })
    try {
      const verdict = await what
      if (verdict.ok) shown(say(verdict))
      else if (verdict.fault.code === 'consensus/fork') {
        shown({ state: 'forked', words: words.session.forked })
      } else shown({ state: 'failed', words: verdict.fault.message })
    } catch (error) {
      shown({ state: 'failed', words: errorMessage(error) })
    }
  }
  const attempt = (what: Promise<Verdict>) =>
    void what.then(
      (verdict) => tell(verdict.ok ? null : verdict.fault.message),
      (error: unknown) => tell(errorMessage(error)),
    )

  return {
    verifyDecisions: () =>
      void check(
        'decisionsVerification',
        agreement.verify(),
        ({ height, signers, voters, epochs, answered, confirmedBy, stale }) => ({
          state: stale ? 'doubtful' : 'ok',
          words: [
            words.session.decisionsVerified(height, signers, voters, epochs),
            words.session.confirmed(confirmedBy, answered),
            ...(stale ? [words.session.stale] : []),
          ].join(' '),
        }),
      ),
    proveFact: (key) =>
      void check('factVerification', agreement.prove(key), ({ steps, height, isHeld }) => ({
        state: 'ok',
        words: words.session.factProven(steps, height, isHeld),
      })),
    downloadFact: (key) =>
      attempt(
        agreement.prove(key).then((proven) => {
          if (proven.ok) download('fact.folkmoot', proven.bytes, 'application/cbor')
          return proven
        }),
      ),
    acceptVote: () => attempt(agreement.accept()),
    resignVote: () => attempt(agreement.resign()),
    castBallot: ({ proposal, yes }) => attempt(agreement.ballot(proposal, yes)),
  }
}
