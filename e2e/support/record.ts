/**
 * What the operator and the record say about a study, and the checks that hold for every study
 * that has finished.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { peerIdOf } from '@folkmoot/identity'
import { parseBundle } from '@folkmoot/studies/bundle'
import { expect } from '@playwright/test'
import type { RelayProcess } from './relay-process.ts'

export interface StudyStatus {
  readonly id: string
  readonly state: 'open' | 'complete' | 'recorded' | 'closed'
  readonly units: number
  readonly waiting: number
  readonly provisional: number
  readonly disputed: number
  readonly accepted: number
  readonly final: number
  readonly answer: null | { readonly estimate: number; readonly low: number; readonly high: number }
  readonly notice: string | null
  readonly validation: string
  readonly independence: 'roots' | 'not-checked'
  readonly unitStates: ReadonlyArray<{
    readonly unit: number
    readonly state: string
    readonly output: string | null
    readonly supporters: readonly string[]
    readonly against: readonly string[]
  }>
}

export const studyStatus = (relay: RelayProcess) => relay.get<StudyStatus>('/v1/studies/latest')

/** Polls the relay until `holds`; the error tells what it said last. */
export async function untilStudy(
  relay: RelayProcess,
  what: string,
  holds: (study: StudyStatus) => boolean,
  withinMs = 120_000,
): Promise<StudyStatus> {
  const limit = Date.now() + withinMs
  for (;;) {
    const study = await studyStatus(relay)
    if (holds(study)) return study
    if (Date.now() > limit) {
      const { unitStates, ...summary } = study
      const open = unitStates.filter(({ state }) => state !== 'final')
      throw new Error(
        `waited in vain for: ${what}\n${JSON.stringify(summary)}\n${JSON.stringify(open)}\n${relay.stderr()}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** `folkmoot study export`; answers the file's path. */
export async function exportProof(relay: RelayProcess, name = 'proof.folkmoot'): Promise<string> {
  const file = join(relay.state, name)
  const exported = await relay.command('study', 'export', '--output', file)
  expect(exported.code, exported.err).toBe(0)
  return file
}

interface Verification {
  readonly units: number
  readonly final: number
  readonly recomputed: readonly number[]
  readonly answer: { readonly estimate: number }
}

/** `folkmoot study verify`, with every unit computed again. */
export async function verifyProof(relay: RelayProcess, file: string): Promise<Verification> {
  const units = (await studyStatus(relay)).units
  const all = ['--recompute', String(units), '--federation', relay.federation]
  const verified = await relay.command('study', 'verify', file, ...all, '--format', 'json')
  expect(verified.code, `${verified.out}${verified.err}`).toBe(0)
  const { data } = JSON.parse(verified.out) as { data: Verification }
  expect(data).toMatchObject({ units, final: units })
  expect(data.recomputed).toHaveLength(units)
  return data
}

/**
 * Every unit stands on the record exactly once, in one batch, with at least two different voices,
 * and each peer's credit is the number of units that it supported there: nothing counts twice.
 */
export async function expectCountedOnce(relay: RelayProcess): Promise<void> {
  const study = await studyStatus(relay)
  expect(study.state).toBe('recorded')
  const file = await exportProof(relay, `count-${Date.now()}.folkmoot`)
  const parsed = parseBundle(new Uint8Array(readFileSync(file)))
  if (!parsed.ok) throw new Error(parsed.fault.message)
  const units = parsed.value.units.map(([unit]) => unit)
  expect([...units].sort((a, b) => a - b)).toEqual(Array.from({ length: study.units }, (_, i) => i))

  const ledger = await relay.get<{
    entries: ReadonlyArray<{
      ops: ReadonlyArray<{ kind: string; outcome: string; summary: string }>
    }>
  }>('/v1/ledger?from=1&limit=500')
  const batches = ledger.entries
    .flatMap(({ ops }) => ops)
    .filter(({ kind }) => kind === 'study.batch')
  expect(batches.every(({ outcome }) => outcome === 'applied')).toBe(true)
  const recorded = batches.map(({ summary }) => Number(/(\d+) unit/.exec(summary)?.[1]))
  expect(recorded.reduce((sum, count) => sum + count, 0)).toBe(study.units)

  const supported = new Map<string, number>()
  for (const [unit, , results] of parsed.value.units) {
    const voices = results.map(([worker]) => peerIdOf(parsed.value.workers[worker]!))
    expect(new Set(voices).size, `unit ${unit}: one peer, one voice`).toBe(voices.length)
    expect(voices.length).toBeGreaterThanOrEqual(2)
    for (const voice of voices) supported.set(voice, (supported.get(voice) ?? 0) + 1)
  }
  const peers = await relay.get<{ peer: string; finalResults: number }[]>('/v1/peers')
  const credited = peers.filter(({ finalResults }) => finalResults > 0)
  expect(new Map(credited.map(({ peer, finalResults }) => [peer, finalResults]))).toEqual(supported)
}
