/**
 * Every code that this package refuses with.
 *
 * @module
 */
export type GuardCode =
  /** The declaration itself is not valid. */
  | 'guard/declaration'
  /** The bytes cannot be read as one canonical map, so nothing in them may leave. */
  | 'guard/unreadable'
  /** A field that is not declared. */
  | 'guard/undeclared'
  /** A declared field is not there. */
  | 'guard/missing'
  /** A field of another type than declared. */
  | 'guard/type'
  /** A number, a length or a word outside the declared range. */
  | 'guard/range'
