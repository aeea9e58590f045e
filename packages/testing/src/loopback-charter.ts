/**
 * The charter of a federation on loopback.
 *
 * @module
 */
import type { Charter, PeerId } from '@folkmoot/identity'

/** With a vote key the founder is the first of its voters; without, it decides alone for ever. */
export function loopbackCharter(
  founder: PeerId,
  preset: Charter['preset'],
  voteKey?: Uint8Array,
  engine: Charter['engine'] = 'bft',
): Charter {
  return {
    v: 1,
    name: 'Loopback',
    purpose: 'A federation that lives as long as its test.',
    founder,
    contact: 'nobody',
    engine: voteKey ? engine : 'solo',
    voters: [founder],
    ...(voteKey ? { voteKeys: [voteKey] } : {}),
    preset,
    admission: 'invitation',
    approval: {},
    crossOrg: false,
    limits: {},
    privacy: 'Nothing here is anybody’s.',
    created: Date.now(),
  }
}
