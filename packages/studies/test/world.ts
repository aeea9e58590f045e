/**
 * A small federation in memory: a founder with a real ledger, members by invitation, one study.
 * Its "modules" are named by their bytes and run as plain functions.
 *
 * @module
 */
import { memoryLog } from '@folkmoot/base'
import { contentIdOf, decode, encode, utf8 } from '@folkmoot/codec'
import { createSoloLog, type FinalEntry, type SoloLog } from '@folkmoot/consensus'
import {
  createChecker,
  openInvitation,
  type Signer,
  sealCharter,
  sealInvitation,
  sealRedemption,
} from '@folkmoot/identity'
import { createLedger, type Operation, sealOperation } from '@folkmoot/ledger'
import { accept, type Rule } from '@folkmoot/validation'
import { buildBundle, type RunModule } from '../src/bundle/index.ts'
import {
  createResultSet,
  encodeBatch,
  type Manifest,
  nextBatch,
  openManifest,
  openStudyRecord,
  reduceInput,
  sealManifest,
  sealStudyRecord,
  unitInput,
} from '../src/index.ts'
import { nodeVerifier, signerNamed } from './keys.ts'

export const checker = createChecker(nodeVerifier)
export const start = Date.UTC(2026, 10, 1)
const day = 86_400_000

const code = utf8('module: square the unit number')
const reduce = utf8('module: add all outputs')
const input = utf8('an input block')

/** Runs the two modules above; the output of a unit is `{ hits }`. */
export const run: RunModule = async (module, bytes) => {
  const decoded = decode(bytes)
  if (!decoded.ok) return { ok: false, reason: 'trap', detail: decoded.fault.message }
  const { unit, blocks } = decoded.value as { unit: number; blocks: Uint8Array[] }
  if (module[8] === code[8]) return { ok: true, output: encode({ hits: unit * unit }) }
  const rows = decode(blocks[0]!)
  const outputs = (rows.ok ? rows.value : []) as [number, Uint8Array][]
  const hits = outputs.map(([, output]) => {
    const one = decode(output)
    return one.ok ? (one.value as { hits: number }).hits : 0
  })
  const estimate = hits.reduce((sum, one) => sum + one, 0) + 0.5
  const answer = { estimate, low: estimate - 1, high: estimate + 1, done: hits.length }
  return { ok: true, output: encode(answer) }
}

export function manifestOf(fed: string, rule: Rule, units: number): Manifest {
  return {
    v: 1,
    fed,
    title: 'Squares',
    purpose: 'To see a study from end to end.',
    question: 'What is the sum of the squares?',
    author: 'The tests',
    contact: 'tests@example.org',
    licence: 'CC0-1.0',
    code: contentIdOf(code),
    reduce: contentIdOf(reduce),
    params: encode({}),
    inputs: [contentIdOf(input)],
    units,
    comparator: { kind: 'exact' },
    validation: rule,
    limits: { stepMs: 50, unitMs: 1_000, memoryPages: 16, outputBytes: 64 },
    dataIn: 'Nothing.',
    dataOut: { hits: { type: 'int', min: 0, max: 1_000_000 } },
    answer: { kind: 'estimate', label: 'sum' },
    expires: start + 30 * day,
  }
}

export interface WorldInit {
  readonly rule: Rule
  readonly units: number
  /** Names of workers by invitation; each key is one link, made by the founder or `by` a worker. */
  readonly links: ReadonlyArray<{ readonly by?: string; readonly workers: readonly string[] }>
  /** Names of those who compute each unit; default everybody. */
  readonly computes?: (unit: number) => readonly string[]
  /** Units recorded in one batch. */
  readonly batchUnits?: number
}

/** Founds, admits, computes, records; `bundle` is what anyone would export then. */
export async function createWorld(init: WorldInit) {
  const founder = signerNamed('founder')
  const charter = await sealCharter(founder, {
    v: 1,
    name: 'Test federation',
    purpose: 'Tests.',
    founder: founder.peer,
    contact: '',
    engine: 'solo',
    voters: [founder.peer],
    preset: 'test',
    admission: 'invitation',
    approval: { 'invitation.create': 'member' },
    crossOrg: false,
    limits: {},
    privacy: '',
    created: start,
  })
  const { fed } = charter
  const ledger = await createLedger({ charterBytes: charter.bytes, checker })
  let now = start
  const log: SoloLog = await createSoloLog({
    instance: fed,
    signer: founder,
    checker,
    application: ledger,
    log: memoryLog(),
    clock: { now: () => now },
  })
  const entries: FinalEntry[] = []
  log.onFinal((entry) => entries.push(entry))
  let sequence = 0
  const submit = async (kind: Operation['kind'], body: unknown) => {
    now += 1_000
    sequence += 1
    const operation = { v: 1, fed, kind, sequence, body } as Operation
    const { bytes, id } = await sealOperation(founder, operation)
    const receipt = await log.submit(bytes, { id })
    if (!receipt.outcome.ok) throw new Error(`${kind}: ${receipt.outcome.fault.message}`)
  }
  await submit('federation.found', { charter: charter.bytes })

  const signers = new Map<string, Signer>([['founder', founder]])
  for (const [index, { by = 'founder', workers }] of init.links.entries()) {
    const key = signerNamed(`link ${index}`)
    const invitation = await sealInvitation(signers.get(by)!, {
      v: 1,
      fed,
      relays: [],
      role: 'member',
      cohort: '',
      uses: 100,
      expires: start + 7 * day,
      key: key.publicKey,
      anchor: { epoch: 0, setHash: new Uint8Array(32), date: start },
    })
    const opened = await openInvitation(checker, invitation)
    if (!opened.ok) throw new Error(opened.fault.message)
    // Every second link is recorded before it is used, as an operator would.
    if (index % 2 === 0) await submit('invitation.create', { invitation })
    for (const name of workers) {
      const signer = signerNamed(name)
      signers.set(name, signer)
      const redemption = await sealRedemption(key, {
        invitation: opened.id,
        fed,
        peer: signer.peer,
      })
      const along = index % 2 === 0 ? {} : { invitation }
      await submit('member.admit', { ...along, redemption, nickname: name, role: 'member' })
    }
  }

  const manifestBytes = await sealManifest(founder, manifestOf(fed, init.rule, init.units))
  const manifested = await openManifest(checker, manifestBytes, { fed, now })
  if (!manifested.ok) throw new Error(manifested.fault.message)
  const { manifest, study } = manifested
  await submit('study.open', { manifest: manifestBytes, manifestId: study })

  const results = createResultSet(manifest, study)
  for (let unit = 0; unit < init.units; unit++) {
    for (const name of init.computes?.(unit) ?? [...signers.keys()]) {
      const signer = signers.get(name)!
      const outcome = await run(code, unitInput(manifest, study, unit, [input]), manifest.limits)
      if (!outcome.ok) throw new Error(outcome.reason)
      const seq = results.nextSeq(signer.peer)
      const record = await sealStudyRecord(signer, {
        study,
        unit,
        output: outcome.output,
        seq,
        at: now,
      })
      const opened = await openStudyRecord(checker, { study, manifest }, record)
      if (!opened.ok) throw new Error(opened.fault.message)
      results.add(opened.opened)
    }
  }
  const acceptance = accept(
    manifest.validation,
    manifest.units,
    (peer) => ledger.rootOf(peer),
    results.votes(),
  )
  const batches = new Map<string, Uint8Array>()
  const final = new Set<number>()
  for (;;) {
    const batch = nextBatch(study, acceptance, (unit) => final.has(unit), init.batchUnits)
    if (batch === undefined) break
    const units = batch.units.map((one) => one.unit)
    for (const unit of units) final.add(unit)
    batches.set(batch.root.join(), encodeBatch(batch))
    const { root, credits } = batch
    await submit('study.batch', { study, root, count: units.length, units, credits })
  }

  const blocks = new Map([code, reduce, input].map((bytes) => [contentIdOf(bytes), bytes]))
  const bundle = () =>
    buildBundle({
      checker,
      charter: charter.bytes,
      entries,
      study,
      manifest,
      block: async (id) => blocks.get(id),
      result: (id) => results.get(id),
      batch: (root) => batches.get(root.join()),
      reduce: async (outputs) => {
        const outcome = await run(reduce, reduceInput(manifest, study, outputs), manifest.limits)
        if (!outcome.ok) throw new Error(outcome.reason)
        return outcome.output
      },
    })
  return { fed, founder, signers, ledger, entries, manifest, study, results, acceptance, bundle }
}
