/**
 * The signatures that a pure check named, all of which must hold.
 *
 * @module
 */
import type { Checker } from '@folkmoot/identity'
import type { VerifyItem } from './core.ts'

export async function checkItems(checker: Checker, items: readonly VerifyItem[]): Promise<boolean> {
  const answers = await Promise.all(
    items.map(({ purpose, signer, signature, bytes }) =>
      checker.verify(purpose, signer, signature, bytes),
    ),
  )
  return answers.every(Boolean)
}
