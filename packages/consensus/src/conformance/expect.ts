/**
 * The little that the cases need of a test runner, so that any runner can run them.
 *
 * @module
 */
import { errorCode, errorMessage } from '@folkmoot/base'

export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`expected ${what}`)
}

export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const a = JSON.stringify(actual)
  const b = JSON.stringify(expected)
  if (a !== b) throw new Error(`expected ${what} to be ${b}, got ${a}`)
}

export async function expectRejection(promise: Promise<unknown>, code: string): Promise<void> {
  try {
    await promise
  } catch (error) {
    if (errorCode(error) === code) return
    throw new Error(`expected a rejection by ${code}, got ${errorMessage(error)}`)
  }
  throw new Error(`expected a rejection by ${code}, but it resolved`)
}
