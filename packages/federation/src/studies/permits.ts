/**
 * The owner's word on which studies may run code on this machine. Nothing runs without it: neither
 * units nor the reduction that makes an answer of them. A signed consent is kept and restored.
 *
 * @module
 */
import type { KeyValueStore, Logger } from '@folkmoot/base'
import { type Checker, type FederationId, openConsent, type PeerId } from '@folkmoot/identity'
import type { StudyId } from '@folkmoot/studies'

export interface Permit {
  /** Share of one core for what runs beside the units, 0 to 1. */
  readonly share: number
}

/** What a consent gives where nothing else was said. */
export const consentedShare = 0.5

const prefix = 'consent/'

export function consentKey(study: string): string {
  return `${prefix}${study}`
}

export interface RestorePermitsInit {
  readonly store: KeyValueStore
  readonly checker: Checker
  readonly logger: Logger
  readonly fed: FederationId
  readonly me: PeerId
}

/** The permits that this peer's own consents in the store give. */
export async function restorePermits(init: RestorePermitsInit): Promise<Map<StudyId, Permit>> {
  const permits = new Map<StudyId, Permit>()
  for (const [key, bytes] of await init.store.list({ prefix })) {
    const opened = await openConsent(init.checker, bytes)
    if (
      opened.ok &&
      opened.consent.fed === init.fed &&
      opened.consent.peer === init.me &&
      key === consentKey(opened.consent.study)
    ) {
      permits.set(opened.consent.study as StudyId, { share: consentedShare })
    } else {
      init.logger.log('warn', 'a stored consent does not verify', { key })
    }
  }
  return permits
}
