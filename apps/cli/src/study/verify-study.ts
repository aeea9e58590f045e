/**
 * Checks a study's bundle offline and runs its reduction again.
 *
 * @module
 */
import { randomInt } from 'node:crypto'
import type { Verdict } from '@folkmoot/base'
import { createChecker } from '@folkmoot/identity'
import { createNodeSandbox } from '@folkmoot/sandbox/node'
import { nodeVerifier } from '@folkmoot/storage/node'
import { type BundleReport, parseBundle, verifyBundle } from '@folkmoot/studies/bundle'

export interface VerifyStudyInit {
  /** The federation that the bundle must come from. */
  readonly federation?: string
  /** Units to compute again; chosen here, so that nobody can prepare for the choice. */
  readonly recompute?: number
}

/** `wanted` different units among those that the bundle holds. */
function chooseUnits(bytes: Uint8Array, wanted: number): number[] {
  const parsed = parseBundle(bytes)
  const left = parsed.ok ? parsed.value.units.map(([unit]) => unit) : []
  const chosen: number[] = []
  while (chosen.length < wanted && left.length > 0) {
    chosen.push(...left.splice(randomInt(left.length), 1))
  }
  return chosen.sort((a, b) => a - b)
}

export async function verifyStudy(
  bytes: Uint8Array,
  { federation, recompute = 0 }: VerifyStudyInit = {},
): Promise<Verdict<BundleReport>> {
  const sandbox = createNodeSandbox()
  try {
    return await verifyBundle(bytes, {
      checker: createChecker(nodeVerifier()),
      run: (code, input, limits) => sandbox.run({ code, input, limits, share: 1 }).done,
      ...(federation === undefined ? {} : { expectFed: federation }),
      ...(recompute === 0 ? {} : { recompute: chooseUnits(bytes, recompute) }),
    })
  } finally {
    await sandbox.close()
  }
}
