/**
 * Where a chain stands, as the core needs to know it.
 *
 * @module
 */
import { leafHash } from '@folkmoot/codec'
import { type Application, type Chain, parseCertificate } from '@folkmoot/consensus'
import type { LogTip } from '../core/config.ts'
import { EMPTY_FRONTIER, frontierFromPath } from '../core/frontier.ts'

/** The tip of a chain whose application holds nothing that is not final. */
export function openTip(chain: Chain, application: Application): LogTip {
  const { height, id, time, view, epoch, proof } = chain.tip
  const isCurrent = epoch === chain.epochs.current && view > 0
  const certificate =
    isCurrent && proof?.kind === 'bft' && !proof.under
      ? parseCertificate(proof.certificate)
      : undefined
  return {
    height,
    id,
    time,
    view: isCurrent ? view : 0,
    stateRoot: application.root(),
    history:
      height === 0
        ? EMPTY_FRONTIER
        : frontierFromPath(height, leafHash(id), chain.inclusionOf(height)),
    certificate: certificate?.ok ? certificate.certificate : undefined,
    nextSet: application.nextSet(),
  }
}
