/**
 * A QR code as text, two modules a character, for terminals.
 *
 * @module
 */
import { generate } from 'lean-qr'

const halves = ['█', '▀', '▄', ' '] as const

/** Dark on light with a quiet zone of two modules, so that phones read it on a dark terminal too. */
export function qrText(text: string): string {
  const code = generate(text)
  const quiet = 2
  const lines: string[] = []
  for (let y = -quiet; y < code.size + quiet; y += 2) {
    let line = '  '
    for (let x = -quiet; x < code.size + quiet; x++) {
      const index = (code.get(x, y) ? 2 : 0) + (code.get(x, y + 1) ? 1 : 0)
      line += [halves[0], halves[1], halves[2], halves[3]][index]
    }
    lines.push(line)
  }
  return lines.join('\n')
}
