/**
 * Makes a screenshot about five times smaller by giving it a palette of 256 colours, and to
 * each pixel the nearest of these. Flat drawings lose nothing that can be seen.
 *
 * @module
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const COLOURS = 256
const COMMONEST = 128
/** Colour types of PNG (ISO/IEC 15948, table 11.1) and their bytes per pixel. */
const BYTES_PER_PIXEL: Readonly<Record<number, number>> = { 2: 3, 6: 4 }

/** `png` has 8 bits a channel and no interlacing, as browsers write it; alpha is dropped. */
export function shrinkPicture(png: Buffer): Buffer {
  const width = png.readUInt32BE(16)
  const height = png.readUInt32BE(20)
  const bpp = BYTES_PER_PIXEL[png[25] ?? 0]
  if (!bpp || png[24] !== 8 || png[28] !== 0) return png
  const pixels = unfilter(inflateSync(Buffer.concat(chunks(png, 'IDAT'))), width, height, bpp)
  const colours = new Uint32Array(width * height)
  const counts = new Map<number, number>()
  for (let i = 0, at = 0; i < colours.length; i += 1, at += bpp) {
    const colour = ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0)
    colours[i] = colour
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  const palette = choosePalette(counts)
  const index = new Map([...counts.keys()].map((colour) => [colour, nearest(palette, colour)]))
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + 1 + x] = index.get(colours[y * width + x] ?? 0) ?? 0
    }
  }
  const header = Buffer.from(png.subarray(16, 29))
  header[9] = 3
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** The commonest colours, then those that would be missed most: rare, but unlike any other. */
function choosePalette(counts: ReadonlyMap<number, number>): number[] {
  const byCount = [...counts.keys()].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0))
  const palette = byCount.slice(0, COMMONEST)
  const rest = byCount.slice(COMMONEST).map((colour) => ({
    colour,
    count: counts.get(colour) ?? 0,
    gap: Math.min(...palette.map((chosen) => distanceOf(chosen, colour))),
  }))
  while (palette.length < COLOURS && rest.length > 0) {
    const most = rest.reduce((a, b) => (b.gap * b.count > a.gap * a.count ? b : a))
    if (most.gap === 0) break
    palette.push(most.colour)
    for (const other of rest) {
      other.gap = Math.min(other.gap, distanceOf(most.colour, other.colour))
    }
  }
  return palette
}

function distanceOf(a: number, b: number): number {
  const red = (a >> 16) - (b >> 16)
  const green = ((a >> 8) & 255) - ((b >> 8) & 255)
  const blue = (a & 255) - (b & 255)
  return red * red + green * green + blue * blue
}

function nearest(palette: readonly number[], colour: number): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (const [i, candidate] of palette.entries()) {
    const distance = distanceOf(candidate, colour)
    if (distance < least) {
      least = distance
      best = i
    }
    if (distance === 0) break
  }
  return best
}

function chunks(png: Buffer, type: string): Buffer[] {
  const found: Buffer[] = []
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === type) {
      found.push(png.subarray(at + 8, at + 8 + length))
    }
    at += length + 12
  }
  return found
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** Undoes the filter of each row (ISO/IEC 15948, clause 9). */
function unfilter(raw: Buffer, width: number, height: number, bpp: number): Buffer {
  const stride = width * bpp
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] ?? 0
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x
      const left = x >= bpp ? (out[at - bpp] ?? 0) : 0
      const up = y > 0 ? (out[at - stride] ?? 0) : 0
      const corner = x >= bpp && y > 0 ? (out[at - stride - bpp] ?? 0) : 0
      const value = raw[y * (stride + 1) + 1 + x] ?? 0
      out[at] = value + predicted(filter, left, up, corner)
    }
  }
  return out
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  if (filter !== 4) return 0
  const guess = left + up - corner
  const toLeft = Math.abs(guess - left)
  const toUp = Math.abs(guess - up)
  const toCorner = Math.abs(guess - corner)
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}
