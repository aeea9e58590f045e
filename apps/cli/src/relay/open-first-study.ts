/**
 * The study that a relay opens when it starts for the first time.
 *
 * @module
 */
import { errorCode, errorMessage } from '@folkmoot/base'
import { contentIdOf } from '@folkmoot/codec'
import { penguinsStudy } from '@folkmoot/example-penguins'
import type { Peer, Platform } from '@folkmoot/federation'
import { createSigner } from '@folkmoot/identity'
import { type Manifest, sealManifest } from '@folkmoot/studies'
import type { Config } from '../config/resolve-config.ts'
import type { Output } from '../output.ts'
import { distinctOf, manifestOf } from '../study/draft-manifest.ts'
import { readStudyPackage } from '../study/read-study-package.ts'
import { must } from './decisions-api.ts'
import { untilDecided } from './until-decided.ts'

const openMs = 365 * 86_400_000

/**
 * Opens the configured study unless the ledger already holds one; answers its id. Where others have
 * to approve that, or are away, it says so and answers null.
 *
 * @throws FederationError `cli/study-package`, or why the ledger refused it
 */
export async function openFirstStudy(
  peer: Peer,
  platform: Platform,
  config: Config,
  output: Output,
): Promise<string | null> {
  if (config.study === 'none' || peer.ledger.state.state().studies.size > 0) return null
  const { manifest, blocks } =
    config.study === 'penguins'
      ? await penguins(peer, platform)
      : await fromFolder(peer, platform, config)
  try {
    const opened = await untilDecided(peer, peer.openStudy(manifest, blocks))
    must(opened)
    return opened.ok ? opened.study : null
  } catch (error) {
    if (!othersDecide.test(errorCode(error))) throw error
    output.note(`no study was opened: ${errorMessage(error)} (${errorCode(error)})`)
    return null
  }
}

/** Nothing is wrong with the study itself. */
const othersDecide = /^(cli\/not-decided|ledger\/not-allowed|consensus.*)$/

async function penguins(peer: Peer, platform: Platform) {
  const { fields, unit, reduce } = await penguinsStudy()
  const { preset } = peer.charter
  const manifest: Manifest = {
    ...fields,
    validation: { ...fields.validation, distinct: distinctOf(preset) },
    fed: peer.fed,
    code: contentIdOf(unit, 'raw'),
    reduce: contentIdOf(reduce, 'raw'),
    expires: platform.clock.now() + openMs,
  }
  return {
    manifest: await sealManifest(createSigner(platform.signer), manifest),
    blocks: [unit, reduce],
  }
}

async function fromFolder(peer: Peer, platform: Platform, config: Config) {
  const files = await readStudyPackage(config.study)
  const manifest =
    files.kind === 'signed'
      ? files.manifest
      : await sealManifest(
          createSigner(platform.signer),
          manifestOf(files.draft, {
            fed: peer.fed,
            preset: peer.charter.preset,
            now: platform.clock.now(),
          }),
        )
  return { manifest, blocks: [...files.blocks.values()] }
}
