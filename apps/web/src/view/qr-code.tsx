/**
 * A text as a QR code, drawn as one path. The encoder is loaded when the first is shown.
 *
 * @module
 */
import { useEffect, useState } from 'preact/hooks'
import { words } from '../words.ts'

/** White border that scanners need, in modules (ISO/IEC 18004). */
const QUIET = 4

interface Drawing {
  readonly size: number
  readonly path: string
}

export function QrCode({ text }: { readonly text: string }) {
  const [drawing, setDrawing] = useState<Drawing | null>(null)
  useEffect(() => {
    let current = true
    import('lean-qr/nano').then(({ generate }) => {
      const code = generate(text)
      const cells: string[] = []
      for (let y = 0; y < code.size; y += 1) {
        for (let x = 0; x < code.size; x += 1) {
          if (code.get(x, y)) cells.push(`M${x + QUIET} ${y + QUIET}h1v1h-1z`)
        }
      }
      if (current) setDrawing({ size: code.size + 2 * QUIET, path: cells.join('') })
    })
    return () => {
      current = false
    }
  }, [text])
  return (
    <div class="qr">
      {drawing && (
        <svg viewBox={`0 0 ${drawing.size} ${drawing.size}`} role="img" aria-label={words.share.qr}>
          <path d={drawing.path} />
        </svg>
      )}
    </div>
  )
}
