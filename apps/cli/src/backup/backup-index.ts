/**
 * The first entry of a backup: what else is in it, with hashes.
 *
 * @module
 */
import * as v from 'valibot'

/** The name under which it stands in the archive. */
export const indexName = 'folkmoot-backup.json'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const backupIndexSchema = v.strictObject({
  v: v.literal(1),
  /** ISO 8601. */
  created: v.string(),
  /** Of the release that made it. */
  version: v.string(),
  withKey: v.boolean(),
  files: v.array(
    v.strictObject({
      path: v.string(),
      size: count,
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
})
export type BackupIndex = v.InferOutput<typeof backupIndexSchema>
