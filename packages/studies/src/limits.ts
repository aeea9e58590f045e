/**
 * Sizes that bound what a peer accepts, and why each stands where it does.
 *
 * @module
 */

/** Units of one study: a full acceptance in memory stays under 100 MB. */
export const maxUnits = 100_000

/** A manifest fits one ledger operation of 64 KiB; large inputs are blocks. */
export const maxManifestBytes = 49_152

/** Params of one study. */
export const maxParamsBytes = 16_384

/** Blocks that a study may name as its inputs. */
export const maxInputs = 256

/** The output of one unit; travels inside one gossip message of 256 KiB. */
export const maxOutputBytes = 65_536

/** The answer of a study, from its reduce module. */
export const maxAnswerBytes = maxOutputBytes

/** A signed result without its output. */
export const maxResultBytes = 1_024

/** A signed result with its output, as it travels. */
export const maxRecordBytes = maxOutputBytes + maxResultBytes + 64

/** One anti-entropy message. */
export const maxDigestBytes = 65_536

/** One bundle: what a tab can hold, verify and offer for download. */
export const maxBundleBytes = 64 * 1024 * 1024

/** One block of code or input. */
export const maxBlockBytes = 16 * 1024 * 1024
