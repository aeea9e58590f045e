import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const KIB = 1024
/** Two minifiers over half a megabyte, on a machine that may be busy. */
const BUILD_WITHIN_MS = 240_000
const root = join(import.meta.dirname, '../../..')
/** Loaded only where a browser cannot do what it replaces. */
const FALLBACK = /sodium/
/** Loaded when a person asks: charts in Details, checks and proofs, the picture of an invitation. */
const OPENED = /draw-chart|bundle|check-decision|nano/
/** Loaded when a person opens Details, or is asked to vote. */
const DECISIONS = /decisions/
/** Loaded by a founder, or where a relay takes a seat under raft: a tab is and does neither. */
const FOUNDER = /alone-engine|raft-engine/
/** Loaded when a volunteer accepts the role of voter. */
const VOTING = /bft-engine/

interface Part {
  readonly name: string
  readonly text: string
  readonly gzip: number
}

let folder = ''
let parts: readonly Part[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folkmoot-page-'))
  // Under `test` Vite would build for development.
  vi.stubEnv('NODE_ENV', 'production')
  await build({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true },
  })
  vi.unstubAllEnvs()
  const names = await readdir(folder, { recursive: true })
  parts = await Promise.all(
    names
      .filter((name) => /\.(?:html|js|css|svg)$/.test(name))
      .map(async (name) => {
        // As the relay serves it.
        const bytes = await readFile(join(folder, name))
        return { name, text: bytes.toString('utf8'), gzip: gzipSync(bytes, { level: 9 }).length }
      }),
  )
}, BUILD_WITHIN_MS)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** What the browser fetches before anything is asked for: named in the HTML, and imported by that. */
function shell(): Part[] {
  const found = new Map<string, Part>()
  const visit = (part: Part): void => {
    if (found.has(part.name)) return
    found.set(part.name, part)
    const html = part.name.endsWith('.html')
    const named = html
      ? part.text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)
      : part.text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)
    for (const [, name] of named) {
      const next = parts.find((p) => p.name === (html ? name : `assets/${name}`))
      if (next) visit(next)
    }
  }
  const page = parts.find((part) => part.name === 'index.html')
  if (page) visit(page)
  return [...found.values()]
}

const sum = (chosen: readonly Part[]): number =>
  chosen.reduce((total, part) => total + part.gzip, 0) / KIB

describe('the built page', () => {
  it('has a shell of at most 40 KiB gzip', () => {
    expect(shell().length).toBeGreaterThan(2)
    expect(sum(shell())).toBeLessThanOrEqual(40)
  })

  it('has no libp2p in its shell: that is loaded after Join', () => {
    const withLibp2p = (chosen: readonly Part[]) =>
      chosen.filter(({ text }) => text.includes('/yamux/1.0.0')).length
    expect(withLibp2p(shell())).toBe(0)
    expect(withLibp2p(parts)).toBe(1)
  })

  it('is at most 260 KiB gzip as a whole, without fallbacks and what a person has to ask for', () => {
    const asked = [FALLBACK, OPENED, DECISIONS, FOUNDER, VOTING]
    const loaded = parts.filter(({ name }) => !asked.some((each) => each.test(name)))
    expect(sum(loaded)).toBeLessThanOrEqual(260)
  })

  it('loads at most 28 KiB gzip more for charts, checks and pictures that somebody asks for', () => {
    const opened = parts.filter(({ name }) => OPENED.test(name))
    expect(opened.length).toBeGreaterThan(1)
    expect(sum(opened)).toBeLessThanOrEqual(28)
  })

  it('loads at most 8 KiB gzip more to show what was decided and what waits for ballots', () => {
    const decisions = parts.filter(({ name }) => DECISIONS.test(name))
    expect(decisions).toHaveLength(1)
    expect(sum(decisions)).toBeLessThanOrEqual(8)
  })

  it('loads at most 30 KiB gzip more in a tab that votes', () => {
    const voting = parts.filter(({ name }) => VOTING.test(name))
    expect(voting.length).toBeGreaterThan(0)
    expect(sum(voting)).toBeLessThanOrEqual(30)
  })

  it('has no inline script or style, so that a strict policy holds', () => {
    const html = parts.find((part) => part.name === 'index.html')?.text ?? ''
    expect(html).toContain('<script type="module"')
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/)
    expect(html).not.toMatch(/<style|\bstyle=|\son\w+=/)
  })

  it('leaves the gallery out', () => {
    expect(parts.some((part) => part.text.includes('Palmer Station'))).toBe(false)
  })
})
