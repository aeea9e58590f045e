/**
 * Checks a study's bundle offline and runs its reduction again.
 *
 * @module
 */
import type { Verdict } from '@folkmoot/base'
import { createChecker } from '@folkmoot/identity'
import { createNodeSandbox } from '@folkmoot/sandbox/node'
import { nodeVerifier } from '@folkmoot/storage/node'
import { type BundleReport, verifyBundle } from '@folkmoot/studies'

/** `expectFed`: the federation that the bundle must come from. */
export async function verifyStudy(
  bytes: Uint8Array,
  expectFed?: string,
): Promise<Verdict<BundleReport>> {
  const sandbox = createNodeSandbox()
  try {
    return await verifyBundle(bytes, {
      checker: createChecker(nodeVerifier()),
      run: (job) => sandbox.run({ ...job, share: 1 }).done,
      ...(expectFed === undefined ? {} : { expectFed }),
    })
  } finally {
    await sandbox.close()
  }
}
