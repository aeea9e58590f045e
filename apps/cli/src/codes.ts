/**
 * The codes that this package itself throws or answers with.
 *
 * @module
 */

export type CliCode =
  /** An argument or option that the command cannot use. */
  | 'cli/usage'
  /** A setting that is malformed or contradicts another; the message names all of them. */
  | 'cli/config'
  /** The federation of an invitation link could not be joined as one more relay. */
  | 'cli/join'
  /** The page is not built; `npm start` and `npm run build` build it. */
  | 'cli/page-missing'
  /** No port that the relay may take is free. */
  | 'cli/port'
  /** Nothing was decided within half a minute, because voters are away or slow. It may still be. */
  | 'cli/not-decided'
  /** The relay runs and gave no answer in time; what it was asked for may still happen. */
  | 'cli/relay-silent'
  /** No relay is running on this state folder. */
  | 'cli/relay-unreachable'
  /** The relay answered, but not in the form that this version understands. */
  | 'cli/relay-answer'
  /** The admin listener refused the token. */
  | 'cli/unauthorised'
  /** The admin listener knows nothing under this id or path. */
  | 'cli/not-found'
  /** The admin listener could not read the request. */
  | 'cli/bad-request'
  /** A file or folder that was named cannot be read or written. */
  | 'cli/file'
  /** A study's folder lacks its manifest, its modules or its inputs. */
  | 'cli/study-package'
  /** A backup that is damaged, or was made by a newer version. */
  | 'cli/backup'
  /** This state cannot take part in founding a federation anew. */
  | 'cli/refound'
  /** A unit or the reduction of a study run locally gave no acceptable result. */
  | 'cli/study-run'
