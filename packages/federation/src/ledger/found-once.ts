/**
 * The founder's first operation.
 *
 * @module
 */
import { FederationError } from '@folkmoot/base'
import type { OpenedLedger } from './open-ledger.ts'

/**
 * Records the founding charter, once.
 *
 * @throws FederationError `federation/found`
 */
export async function foundOnce(ledger: OpenedLedger, charter: Uint8Array): Promise<void> {
  if (ledger.state.state().founded) return
  const founded = await ledger.submit({ kind: 'federation.found', body: { charter } })
  if (!founded.ok) throw new FederationError('federation/found', founded.fault.message)
}
