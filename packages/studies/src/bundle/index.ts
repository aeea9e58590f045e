/**
 * Bundles: a study with every proof, built and verified. Apart from the rest of the package, because
 * a page loads it only when somebody asks for a proof.
 *
 * @example
 * ```ts
 * import { verifyBundle } from '@folkmoot/studies/bundle'
 *
 * const verdict = await verifyBundle(bytes, { checker, recompute: [0, 7], run })
 * if (!verdict.ok) throw new Error(verdict.fault.message)
 * ```
 *
 * @module
 */
export { type BundleInit, buildBundle } from './build-bundle.ts'
export type { BundleReport } from './report.ts'
export { type BundleCheck, type RunModule, type RunOutcome, verifyBundle } from './verify-bundle.ts'
export { type Bundle, parseBundle } from './wire.ts'
