/**
 * Signs and checks what the core asks for, and answers when it is done.
 *
 * @module
 */
import type { CoreEffect, Unstamped } from '@folkmoot/consensus'
import type { Checker } from '@folkmoot/identity'
import type { Input } from '../core/effects.ts'
import type { VoteSigner } from './vote-signer.ts'

export interface SignaturesInit {
  readonly signer: VoteSigner
  readonly checker: Checker
  answer(input: Unstamped<Input>): void
  /** A key could not be read or used: nothing more may be said. */
  failed(cause: unknown): void
}

type SignatureEffect = Extract<CoreEffect<never>, { type: 'sign' | 'verify' }>

export function createSignatures(init: SignaturesInit): (effect: SignatureEffect) => void {
  const { signer, checker, answer, failed } = init
  return (effect) => {
    const { token } = effect
    if (effect.type === 'sign') {
      const signing = signer.sign(effect)
      signing.then((signature) => answer({ type: 'signed', token, signature }), failed)
      return
    }
    // Each on its own, all at once: batch verification accepts what single checks refuse.
    const checks = effect.items.map((i) =>
      checker.verify(i.purpose, i.signer, i.signature, i.bytes),
    )
    Promise.all(checks).then((ok) => answer({ type: 'verified', token, ok }), failed)
  }
}
