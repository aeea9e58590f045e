/**
 * Hands a study to the running relay: a signed manifest as it is, a draft signed with the key of
 * the state folder.
 *
 * @module
 */
import { encode } from '@folkmoot/codec'
import { createSigner } from '@folkmoot/identity'
import { openKeyFile } from '@folkmoot/storage/node'
import { sealManifest } from '@folkmoot/studies'
import * as v from 'valibot'
import {
  type Proposal,
  proposalSchema,
  type StudyPackage,
  type StudySummary,
  statusSchema,
  studySummarySchema,
} from '../admin-api.ts'
import type { CommandContext } from '../command-context.ts'
import { keyFile } from '../config/state-location.ts'
import { manifestOf } from './draft-manifest.ts'
import { readStudyPackage } from './read-study-package.ts'
import { openStudyFiles } from './run-study.ts'

export async function openStudy(context: CommandContext, path: string): Promise<StudySummary> {
  const body = await studyPackage(context, path)
  return (await context.admin()).post('/v1/studies', encode(body), studySummarySchema)
}

/** Asks the members to approve it; null where it was carried and is open. */
export async function proposeStudy(
  context: CommandContext,
  path: string,
): Promise<Proposal | null> {
  const body = await studyPackage(context, path)
  const client = await context.admin()
  return client.post('/v1/proposals/study', encode(body), v.nullable(proposalSchema))
}

async function studyPackage(
  { admin, config, output }: CommandContext,
  path: string,
): Promise<StudyPackage> {
  const files = await readStudyPackage(path)
  const client = await admin()
  let manifest: Uint8Array
  if (files.kind === 'signed') manifest = files.manifest
  else {
    const { federation } = await client.get('/v1/status', statusSchema)
    const signer = createSigner(await openKeyFile(keyFile(config().state)))
    manifest = await sealManifest(
      signer,
      manifestOf(files.draft, { fed: federation.id, preset: federation.preset, now: Date.now() }),
    )
    output.note(`signed by this relay's key, ${signer.peer}`)
  }
  const signed = { kind: 'signed', manifest, blocks: files.blocks } as const
  const opened = await openStudyFiles(signed)
  const { code, reduce, inputs } = opened.manifest
  const named = new Set<string>([code, reduce, ...inputs])
  const blocks = [...files.blocks].filter(([id]) => named.has(id)).map(([, bytes]) => bytes)
  return { manifest, blocks }
}
