/**
 * The charter that this relay founded: sealed once, kept for ever.
 *
 * @module
 */
import { FederationError, type KeyValueStore } from '@folkmoot/base'
import { firstVoteKey, type Platform } from '@folkmoot/federation'
import { createChecker, createSigner, openCharter, sealCharter } from '@folkmoot/identity'
import type { CliCode } from '../codes.ts'
import type { Config } from '../config/resolve-config.ts'
import { foundingRules } from './founding-rules.ts'

const charterKey = 'relay/charter'

/** The charter that was founded on this state, where one was. */
export async function keptCharter(
  store: Pick<KeyValueStore, 'get'>,
): Promise<Uint8Array | undefined> {
  return store.get(charterKey)
}

/** Makes this the charter that the state has founded. */
export async function keepCharter(
  store: Pick<KeyValueStore, 'write'>,
  charter: Uint8Array,
): Promise<void> {
  await store.write([{ type: 'put', key: charterKey, value: charter }])
}

/** @throws FederationError `cli/config` where the state belongs to another key or preset */
export async function foundFederation(platform: Platform, config: Config): Promise<Uint8Array> {
  const signer = createSigner(platform.signer)
  const kept = await keptCharter(platform.store)
  if (kept !== undefined) {
    const opened = await openCharter(createChecker(platform.verifier), kept)
    if (!opened.ok)
      throw new FederationError(
        'cli/config',
        `the charter here is damaged: ${opened.fault.message}`,
      )
    if (opened.charter.founder !== signer.peer) {
      throw new FederationError(
        'cli/config',
        'the key in this state folder did not found its federation',
        {
          hint: 'restore the key that belongs to this state, or start with another --state',
        },
      )
    }
    if (config.presetNamed && config.preset !== opened.charter.preset) {
      throw new FederationError(
        'cli/config',
        `this federation was founded with preset ${opened.charter.preset}, and that cannot change`,
        { hint: 'leave --preset out, or found another federation with --state' },
      )
    }
    refuseChange(config, 'engine', opened.charter.engine)
    refuseChange(config, 'crossOrg', opened.charter.crossOrg)
    return kept
  }
  const approval = await foundingRules(config)
  const sealed = await sealCharter(signer, {
    v: 1,
    name: config.name,
    purpose: config.purpose,
    founder: signer.peer,
    contact: config.contact,
    // One voter decides as fast as a founder alone would, and others can take seats beside it.
    engine: config.engine,
    voters: [signer.peer],
    voteKeys: [await firstVoteKey(platform)],
    ...(config.org === '' ? {} : { orgs: [config.org] }),
    preset: config.preset,
    admission: 'invitation',
    approval: { ...approval },
    crossOrg: config.crossOrg,
    limits: {},
    privacy: config.privacy,
    created: platform.clock.now(),
  })
  await keepCharter(platform.store, sealed.bytes)
  return sealed.bytes
}

/** What decides about votes is in the charter for good: who names something else is told. */
function refuseChange(config: Config, name: 'engine' | 'crossOrg', founded: unknown): void {
  const named = config.explained.some(
    (each) => each.name === name && !each.source.startsWith('preset'),
  )
  if (!named || config[name] === founded) return
  throw new FederationError<CliCode>(
    'cli/config',
    `this federation was founded with ${name} ${founded}, and that cannot change here`,
    { hint: 'leave it out, or found another federation with --state' },
  )
}
