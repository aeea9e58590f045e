/**
 * The founding: the first operation of every ledger.
 *
 * @module
 */
import { equalBytes } from '@folkmoot/codec'
import type { OperationOf } from '../operation.ts'
import { type Applied, type Context, done, refused } from './context.ts'

export function found(
  context: Context,
  { charter }: OperationOf<'federation.found'>['body'],
): Applied {
  const { facts, fed, signer, at } = context
  if (facts.federation.get('')) return refused('ledger/founded', 'the federation is founded')
  if (signer !== context.charter.founder) {
    return refused('ledger/not-allowed', 'the founder founds')
  }
  if (!equalBytes(charter, context.charterBytes)) {
    return refused('ledger/charter', "the charter is not this federation's")
  }
  facts.federation.set('', { fed, founder: signer })
  facts.member.set(signer, {
    role: 'member',
    root: 'founder',
    status: 'active',
    since: at.time,
    invitation: null,
    height: at.height,
  })
  return done
}
