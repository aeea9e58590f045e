/**
 * Bounds on a module, whatever its study allows. They keep parsing, validation and compilation
 * linear in the module's size: engines do work per local and per parameter that a module can ask
 * for in a few bytes.
 *
 * @module
 */
export const moduleBounds = {
  /** 2 MiB: a compiled study in C or Rust is 20 to 400 KiB. */
  bytes: 2 * 1024 * 1024,
  /** 256 MiB of memory; the manifest's own limit is usually far below. */
  memoryPages: 4096,
  types: 10_000,
  functions: 20_000,
  globals: 10_000,
  exports: 10_000,
  segments: 20_000,
  tableEntries: 100_000,
  /** Of one function type. */
  parameters: 128,
  results: 16,
  /** Of one function, its parameters included. */
  locals: 10_000,
  /** Of all functions together: engines initialise each. */
  allLocals: 1_000_000,
  /** Blocks within blocks; `switch` in C nests one per case. */
  nesting: 5_000,
} as const
