/**
 * Every code that this package refuses or throws with.
 *
 * @module
 */
export type PolicyCode =
  /** Thrown: an exposure with a limit below one, or of a capability without a name. */
  | 'policy/exposure'
  /** Not exposed to this peer; the same whether or not the capability exists. */
  | 'policy/not-exposed'
  /** More calls in the last minute than the exposure permits to one peer. */
  | 'policy/rate'
  /** As many calls at once as the exposure permits, to one peer or over all. */
  | 'policy/busy'
