/**
 * Many peers, one seeded clock, any fault.
 *
 * @module
 */
export {}
