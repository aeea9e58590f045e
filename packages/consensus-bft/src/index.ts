/**
 * Agreement when some members lie: three votes a view, certificates, epochs.
 *
 * @module
 */
export {}
