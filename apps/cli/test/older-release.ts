/**
 * What a release before agreement left behind, for tests: where it lies, and what it names.
 *
 * @module
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

export const olderFixtures = join(import.meta.dirname, 'fixtures')

export const older = JSON.parse(await readFile(join(olderFixtures, 'solo.json'), 'utf8')) as {
  readonly federation: string
  readonly relay: string
  readonly study: string
}
