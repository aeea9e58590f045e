/**
 * The few facts that let a tab come back without its link. Written only after Join; everything else
 * lies in the federation's own database.
 *
 * @module
 */

export interface Remembered {
  readonly fed: string
  /** Addresses of the relays. */
  readonly relays: readonly string[]
  readonly nickname: string
  readonly study: string
  /** Hash of the consent that was given. */
  readonly textHash: string
  readonly inviteLink: null
}

const key = 'folkmoot'

export function recall(): Remembered | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? 'null') as Remembered | null
    const whole =
      typeof kept?.fed === 'string' &&
      typeof kept.textHash === 'string' &&
      typeof kept.nickname === 'string' &&
      Array.isArray(kept.relays)
    return whole ? kept : null
  } catch {
    return null
  }
}

export function remember(facts: Remembered): void {
  localStorage.setItem(key, JSON.stringify(facts))
}

export function forget(): void {
  localStorage.removeItem(key)
}
