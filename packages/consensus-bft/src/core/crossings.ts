/**
 * How the history here crossed the views in which it decided nothing by itself. Blocks go once they
 * are final, with what justified them; yet where another history was decided in such a view, the
 * certificate that skipped it, or notarised another block there, is what convicts.
 *
 * @module
 */
import type { StoreOperation } from '@folkmoot/base'
import { type Crossed, encodeCertificate, parseCertificate } from '@folkmoot/consensus'
import type { Block } from './block.ts'
import { crossingKey } from './records.ts'
import type { CoreState } from './state.ts'

/** What to keep of blocks that become final together, each the parent of the next. */
export function crossingsOf(core: CoreState, chain: readonly Block[]): StoreOperation[] {
  // The log has the certificate F of an entry that was decided by itself.
  let isDecided = core.tip.certificate?.kind === 'finalise'
  return chain.flatMap(({ proposal }) => {
    const { parent, skipped } = proposal.justify
    const crossed = parent && !isDecided ? [parent, ...skipped] : skipped
    isDecided = false
    return crossed.map((certificate): StoreOperation => {
      const key = crossingKey(certificate)
      return { type: 'put', key, value: encodeCertificate(certificate) }
    })
  })
}

/** What is kept under {@link crossingKey}, where it is about this view and not one that had its place before or since. */
export function readCrossing(
  stored: Uint8Array | undefined,
  { epoch, view }: Crossed,
): Uint8Array | undefined {
  const parsed = stored && parseCertificate(stored)
  if (!parsed?.ok) return undefined
  const { certificate } = parsed
  return certificate.epoch === epoch && certificate.view === view ? stored : undefined
}
