import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { publishedData } from '../../testing/src/published-data.ts'
import {
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from './verify-merkle.ts'

interface Probe {
  readonly leafIdx: number
  readonly treeSize: number
  readonly leafHash: string
  readonly root: string
  readonly start: number
  readonly end: number
  readonly size: number
  readonly size1: number
  readonly size2: number
  readonly root1: string
  readonly root2: string
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))
const proofOf = (probe: Probe) => (probe.proof ?? []).map(bytes)

const checks: Readonly<Record<string, (probe: Probe) => boolean>> = {
  inclusion: (probe) =>
    verifyInclusion({
      leafHash: bytes(probe.leafHash),
      index: probe.leafIdx,
      size: probe.treeSize,
      proof: proofOf(probe),
      root: bytes(probe.root),
    }),
  subtreeinclusion: (probe) =>
    verifySubtreeInclusion({
      leafHash: bytes(probe.leafHash),
      index: probe.leafIdx,
      start: probe.start,
      end: probe.end,
      proof: proofOf(probe),
      root: bytes(probe.root),
    }),
  consistency: (probe) =>
    verifyConsistency({
      from: probe.size1,
      to: probe.size2,
      fromRoot: bytes(probe.root1),
      toRoot: bytes(probe.root2),
      proof: proofOf(probe),
    }),
  subtreeconsistency: (probe) =>
    verifySubtreeConsistency({
      start: probe.start,
      end: probe.end,
      size: probe.size,
      subtreeRoot: bytes(probe.root1),
      root: bytes(probe.root2),
      proof: proofOf(probe),
    }),
}

const folder = publishedData('bytes/merkle-rfc6962')

describe.skipIf(folder === undefined)('transparency-dev/merkle testdata', () => {
  test.each(Object.keys(checks))(
    'every %s probe, happy and mutated, is judged as wanted',
    (kind) => {
      const root = join(folder!, 'testdata', kind)
      const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
      const probes = files.filter((file) => file.endsWith('.json'))
      expect(probes.length).toBeGreaterThan(90)
      for (const file of probes) {
        const probe = JSON.parse(readFileSync(join(root, file), 'utf8')) as Probe
        expect({ file, accepted: checks[kind]!(probe) }).toEqual({ file, accepted: !probe.wantErr })
      }
    },
  )
})
