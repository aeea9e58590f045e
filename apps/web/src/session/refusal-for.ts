/**
 * Which of the page's refusals an error is.
 *
 * @module
 */
import { errorCode, errorMessage } from '@folkmoot/base'
import { type RefusalCode, refusalCodes, refusalOf } from '../refusals.ts'
import type { Refusal } from '../view-model.ts'

const byCode: Readonly<Record<string, RefusalCode>> = {
  'federation/charter': 'page/charter-mismatch',
  'federation/invitation-elsewhere': 'page/invitation-forged',
  'federation/invitation-expired': 'page/invitation-expired',
  'federation/invitation-forged': 'page/invitation-forged',
  'federation/invitation-revoked': 'page/invitation-withdrawn',
  'federation/invitation-used-up': 'page/invitation-used-up',
  'federation/not-invited': 'page/no-invitation',
  'federation/protocol-new': 'page/too-old',
  'federation/protocol-old': 'page/too-old',
  'federation/revoked': 'page/revoked',
  'identity/invite-link': 'page/invitation-forged',
  'ledger/invitation-expired': 'page/invitation-expired',
  'ledger/invitation-revoked': 'page/invitation-withdrawn',
  'ledger/invitation-used-up': 'page/invitation-used-up',
  'transport/unreachable': 'page/relay-unreachable',
}

export function refusalFor(error: unknown): Refusal {
  const code = errorCode(error)
  const known = refusalCodes.find((candidate) => candidate === code) ?? byCode[code]
  return known === undefined ? refusalOf('page/unexpected', errorMessage(error)) : refusalOf(known)
}
