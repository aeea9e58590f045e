/**
 * What a `*.fuzz.ts` module exports: one target (`name`, `seeds`, `run`, by name or as default), or
 * several as `targets`.
 *
 * @module
 */

export interface Target {
  readonly name: string
  /** Valid and nearly valid inputs to start from. */
  readonly seeds: readonly Uint8Array[]
  /** Must not throw and must end, whatever the bytes. A returned Verdict guides the search. */
  run(bytes: Uint8Array): unknown
}

function isTarget(value: unknown): value is Target {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'name') === 'string' &&
    typeof Reflect.get(value, 'run') === 'function'
  )
}

async function resolved(value: unknown): Promise<Target> {
  const { name, run } = value as Target
  const given: unknown = Reflect.get(value as object, 'seeds')
  const seeds = (await (typeof given === 'function' ? given() : given)) as Uint8Array[]
  return { name, seeds: [...(seeds ?? [])], run: run.bind(value) }
}

/** All targets of a loaded module, with their seeds made. */
export async function targetsOf(module: Record<string, unknown>): Promise<Target[]> {
  const listed = module.targets ?? (module.default as { targets?: unknown })?.targets
  const given: unknown = typeof listed === 'function' ? await listed() : await listed
  const candidates = Array.isArray(given)
    ? given
    : isTarget(module)
      ? [module]
      : [module.target, module.default, ...Object.values(module)]
  const found = candidates.filter(isTarget)
  const unique = found.filter((target, at) => found.findIndex((t) => t.name === target.name) === at)
  return Promise.all(unique.map(resolved))
}
