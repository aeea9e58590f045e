/**
 * Whether a value that came from outside can be written again. A few texts decode and do not encode
 * (a reserved name, a leading byte order mark); a fact made of one could not be hashed.
 *
 * @module
 */
import { encode } from '@folkmoot/codec'

export function isEncodable(value: unknown): boolean {
  try {
    encode(value)
    return true
  } catch {
    return false
  }
}
