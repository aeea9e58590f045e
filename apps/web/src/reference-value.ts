/**
 * The first number in a reference's text, so that it can be drawn on the answer's scale.
 *
 * @module
 */
export function referenceValue(text: string): number | null {
  const found = /-?\d+(?:\.\d+)?(?:e-?\d+)?/i.exec(text)
  return found ? Number(found[0]) : null
}
