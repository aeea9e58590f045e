/**
 * Every code that this package puts into a fault.
 *
 * @module
 */

export type MembershipCode =
  /** The bytes are not a presence record of a known version. */
  'membership/malformed'
