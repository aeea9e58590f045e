/**
 * Runs other people's WebAssembly without trusting it.
 *
 * @example
 * ```ts
 * import { prepareModule } from '@folkmoot/sandbox'
 *
 * const verdict = prepareModule(wasm, { memoryPages: 16 })
 * if (!verdict.ok) console.error(verdict.fault.message)
 * ```
 *
 * @module
 */
export type { SandboxCode } from './codes.ts'
export { type PreparedModule, type PrepareLimits, prepareModule } from './prepare-module.ts'
export type {
  FailureReason,
  Job,
  JobLimits,
  Outcome,
  Progress,
  Run,
  Sandbox,
} from './sandbox.ts'
export { sandboxFrameHeaders, sandboxFrameHtml } from './web/frame-html.ts'
