/**
 * Every code that this package refuses or throws with.
 *
 * - `sandbox/malformed-module`: the bytes are not one well-formed WebAssembly module.
 * - `sandbox/module-too-large`: the module, or a count in it, is over its bound.
 * - `sandbox/imports`: the module asks for imports; a study gets none.
 * - `sandbox/start-function`: the module would run code while it loads.
 * - `sandbox/memory`: the memory is missing, imported, shared, growable or larger than allowed.
 * - `sandbox/exports`: one of the five exports is missing, doubled or of another type.
 * - `sandbox/unsupported`: an instruction or section outside the accepted set (SIMD, threads, …).
 * - `sandbox/segment`: a data or element segment lies outside its memory or table.
 * - `sandbox/job`: the caller's job has a bad limit, share or input.
 * - `sandbox/frame`: the sandbox frame did not load, or does not speak this version.
 * - `sandbox/closed`: the sandbox was closed before this call.
 *
 * @module
 */
export type SandboxCode =
  | 'sandbox/malformed-module'
  | 'sandbox/module-too-large'
  | 'sandbox/imports'
  | 'sandbox/start-function'
  | 'sandbox/memory'
  | 'sandbox/exports'
  | 'sandbox/unsupported'
  | 'sandbox/segment'
  | 'sandbox/job'
  | 'sandbox/frame'
  | 'sandbox/closed'
