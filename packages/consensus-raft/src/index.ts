/**
 * Agreement when members only crash.
 *
 * @module
 */
export {}
