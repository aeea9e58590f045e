/**
 * Where a voter's key of an epoch lies in its consensus database, whichever engine it signs for.
 *
 * @module
 */
export function voteKeyName(epoch: number): string {
  return `vote-key/${epoch}`
}
