/**
 * How much a decoder may read before it refuses.
 *
 * @module
 */
export interface DecodeLimits {
  /** Longest input, in bytes; default 1 MiB, above every frame we send in one piece. */
  readonly maxBytes: number
  /** Deepest nesting of arrays and maps; default 32. */
  readonly maxDepth: number
  /** Most array elements, map keys and map values together; default 100,000. */
  readonly maxItems: number
  /**
   * Whether a float may hold an integer (`3.0`); default true, because programs in other languages
   * write their results so. Signed structures set it to false: there, one value has one encoding.
   */
  readonly integralFloats: boolean
}

const defaultLimits: DecodeLimits = Object.freeze({
  maxBytes: 1 << 20,
  maxDepth: 32,
  maxItems: 100_000,
  integralFloats: true,
})

/** Fills what `limits` leaves open. */
export function resolveLimits(limits: Partial<DecodeLimits> | undefined): DecodeLimits {
  return limits === undefined ? defaultLimits : { ...defaultLimits, ...limits }
}
