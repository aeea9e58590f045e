/**
 * The version field that every signed structure starts with.
 *
 * @module
 */

/** What this program writes and reads. */
export const knownVersion = 1

/** Whether a decoded value claims a later version, so that its shape cannot be judged here. */
export function isNewerVersion(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('v' in value)) return false
  return Number.isSafeInteger(value.v) && (value.v as number) > knownVersion
}
