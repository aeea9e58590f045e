/**
 * Every code with which this package refuses or throws.
 *
 * @module
 */
export type StudiesCode =
  /** The manifest is written for another federation. */
  | 'studies/manifest-fed'
  /** The study has expired. */
  | 'studies/manifest-expired'
  /** The manifest's params are not canonical DAG-CBOR. */
  | 'studies/manifest-params'
  /** A result belongs to another study. */
  | 'studies/result-study'
  /** A result is for a unit that the study does not have. */
  | 'studies/result-unit'
  /** An output is larger than the study allows. */
  | 'studies/output-size'
  /** An output is not the one that its worker signed. */
  | 'studies/output-hash'
  /** An output holds something that the study does not declare. */
  | 'studies/output-data'
  /** An anti-entropy digest is malformed or too large. */
  | 'studies/digest'
  /** A batch is not the one that the ledger recorded. */
  | 'studies/batch-root'
  /** The answer is not of the form that the manifest states. */
  | 'studies/answer'
  /** Thrown: the dispatcher was given the acceptance of another study. */
  | 'studies/dispatcher'
  /** Thrown: what was given does not make a bundle. */
  | 'studies/bundle-build'
  /** A bundle failed verification; the message begins with the place. */
  | 'studies/bundle'
