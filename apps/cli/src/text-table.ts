/**
 * Rows as aligned columns, for the text format.
 *
 * @module
 */

/** What peers wrote goes to a terminal, so it keeps no control characters and no marks of direction. */
const plain = (text: string) =>
  text.replace(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ')

/** The last column is never padded, so lines end where their text ends. */
export function textTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  if (rows.length === 0) return ''
  const all = [head, ...rows.map((row) => row.map(plain))]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Names and values, one a line. */
export function textFacts(
  facts: ReadonlyArray<readonly [string, string | number | undefined]>,
): string {
  const shown = facts.filter(([, value]) => value !== undefined && value !== '')
  const width = Math.max(0, ...shown.map(([name]) => name.length))
  return shown
    .map(([name, value]) => `${plain(name).padEnd(width)}  ${plain(`${value}`)}`)
    .join('\n')
}

/** An instant as people read it, in UTC. */
export function textInstant(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}

/** The first and last characters of an id. */
export function shortId(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, 8)}…${id.slice(-6)}`
}
