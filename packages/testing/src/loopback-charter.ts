/**
 * The charter of a federation on loopback.
 *
 * @module
 */
import type { Charter, PeerId } from '@folkmoot/identity'

export function loopbackCharter(founder: PeerId, preset: Charter['preset']): Charter {
  return {
    v: 1,
    name: 'Loopback',
    purpose: 'A federation that lives as long as its test.',
    founder,
    contact: 'nobody',
    engine: 'solo',
    voters: [founder],
    preset,
    admission: 'invitation',
    approval: {},
    crossOrg: false,
    limits: {},
    privacy: 'Nothing here is anybody’s.',
    created: Date.now(),
  }
}
