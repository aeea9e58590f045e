/**
 * Runs a study on this machine alone, from its manifest and its modules, under the same rules as a
 * volunteer's tab: prepared module, sandbox, declared outputs only, then the reduction.
 *
 * @module
 */
import { FederationError, type Verdict } from '@folkmoot/base'
import { sanitize } from '@folkmoot/guard'
import { createChecker, createSigner } from '@folkmoot/identity'
import { createNodeSandbox } from '@folkmoot/sandbox/node'
import { nodeRandomness, nodeVerifier, signerFromSeed } from '@folkmoot/storage/node'
import {
  type Answer,
  type Manifest,
  type OpenedManifest,
  openAnswer,
  openManifest,
  reduceInput,
  sealManifest,
  type UnitOutput,
  unitInput,
} from '@folkmoot/studies'
import type { CliCode } from '../codes.ts'
import { manifestOf } from './draft-manifest.ts'
import { packageError, type StudyFiles } from './read-study-package.ts'

/** A draft that is only tried out belongs to no federation. */
const NO_FEDERATION = '0'.repeat(64)

export interface LocalRun {
  readonly study: string
  readonly title: string
  /** False where the manifest was a draft, signed for this run by a key that is forgotten. */
  readonly signed: boolean
  readonly units: number
  readonly ran: number
  readonly computeMs: number
  readonly answer: Answer
}

export interface LocalRunInit {
  /** At most this many units, from the first; default all. */
  readonly units?: number
  /** Units at once. */
  readonly workers: number
  readonly onProgress: (done: number, total: number) => void
}

async function openFiles(files: StudyFiles): Promise<Verdict<OpenedManifest>> {
  const checker = createChecker(nodeVerifier())
  if (files.kind === 'signed') return openManifest(checker, files.manifest)
  const signer = createSigner(await signerFromSeed(nodeRandomness().bytes(32)))
  const manifest = manifestOf(files.draft, { fed: NO_FEDERATION, preset: 'local', now: Date.now() })
  return openManifest(checker, await sealManifest(signer, manifest))
}

function block(files: StudyFiles, id: string, what: string): Uint8Array {
  const bytes = files.blocks.get(id)
  if (bytes === undefined) throw packageError(`${what} (${id}) is not among the study's files`)
  return bytes
}

function runError(message: string): FederationError<CliCode> {
  return new FederationError<CliCode>('cli/study-run', message)
}

/** Signed manifests are opened as they are. @throws FederationError `cli/study-package` */
export async function openStudyFiles(files: StudyFiles): Promise<OpenedManifest> {
  const opened = await openFiles(files)
  if (!opened.ok) throw packageError(`the manifest is refused: ${opened.fault.message}`)
  return opened
}

/** @throws FederationError `cli/study-package`, `cli/study-run` */
export async function runStudy(files: StudyFiles, init: LocalRunInit): Promise<LocalRun> {
  const { manifest, study } = await openStudyFiles(files)
  const code = block(files, manifest.code, 'the code')
  const reduce = block(files, manifest.reduce, 'the reduction')
  const inputs = manifest.inputs.map((id) => block(files, id, 'an input'))
  const sandbox = createNodeSandbox({ idle: init.workers })
  const total = Math.min(manifest.units, init.units ?? manifest.units)
  let computeMs = 0

  async function run(what: string, module: Uint8Array, input: Uint8Array): Promise<Uint8Array> {
    const { limits } = manifest
    const outcome = await sandbox.run({ code: module, input, limits, share: 1 }).done
    if (!outcome.ok) throw runError(`${what}: ${outcome.reason}: ${outcome.detail}`)
    computeMs += outcome.computeMs
    return outcome.output
  }

  try {
    const outputs = await runUnits(manifest, total, init, (unit) =>
      run(`unit ${unit}`, code, unitInput(manifest, study, unit, inputs)),
    )
    const reduced = await run('reduce', reduce, reduceInput(manifest, study, outputs))
    const opened = openAnswer(reduced)
    if (!opened.ok) throw runError(`reduce: ${opened.fault.message}`)
    return {
      study,
      title: manifest.title,
      signed: files.kind === 'signed',
      units: manifest.units,
      ran: total,
      computeMs,
      answer: opened.answer,
    }
  } finally {
    await sandbox.close()
  }
}

/** Runs units in order, `workers` at a time; what a unit gives must match what it declared. */
async function runUnits(
  manifest: Manifest,
  total: number,
  { workers, onProgress }: LocalRunInit,
  run: (unit: number) => Promise<Uint8Array>,
): Promise<UnitOutput[]> {
  const outputs: UnitOutput[] = []
  let next = 0
  const worker = async () => {
    while (next < total) {
      const unit = next++
      const output = await run(unit)
      const checked = sanitize(manifest.dataOut, output)
      if (!checked.ok) {
        throw runError(`unit ${unit} gives what it did not declare: ${checked.fault.message}`)
      }
      outputs.push({ unit, output })
      onProgress(outputs.length, total)
    }
  }
  await Promise.all(Array.from({ length: Math.min(workers, total) }, worker))
  return outputs.sort((a, b) => a.unit - b.unit)
}
