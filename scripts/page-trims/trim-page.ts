/**
 * Leaves out of the page's bundle what its libraries bring along and a tab never runs
 * (docs/adr/0012-page-budget.md). Only for builds: the development server serves everything.
 *
 * @module
 */
import { join } from 'node:path'
import { type Plugin, parseAst } from 'vite'
import { findGossipMetrics } from './find-gossip-metrics.ts'
import { findIdleChartCode } from './find-idle-chart-code.ts'
import { findOwnReports } from './find-own-reports.ts'
import { findScoreChecks } from './find-score-checks.ts'
import { findSilentCalls } from './find-silent-calls.ts'
import { findStreamingDecoders, isGeneratedCodec } from './find-streaming-decoders.ts'
import { findUnusedNames } from './find-unused-names.ts'
import { standIns } from './stand-ins.ts'
import { applyCuts, type Cut, type TreeNode } from './walk-tree.ts'

const libp2p = /\/node_modules\/(?:libp2p|@libp2p\/[^/]+)\/dist\/src\/[^?]+\.js$/
const gossipsub = /\/node_modules\/@libp2p\/gossipsub\/dist\/src\/[^?]+\.js$/
const own = /\/packages\/[^/]+\/src\/[^?]+\.ts$/
const chart = /\/node_modules\/uplot\/dist\/uPlot\.esm\.js$/

/** The path inside `node_modules` or inside this repository. */
function pathOf(id: string): string {
  const file = id.replace(/\?.*$/, '')
  return file.replace(/^.*\/node_modules\//, '').replace(/^.*\/(?=packages\/[^/]+\/src\/)/, '')
}

/** One module of libp2p, of uPlot or of ours, without what a tab never runs. */
export function trimModule(id: string, code: string): string {
  const trim = (from: string, find: (program: TreeNode) => Cut[]): string =>
    applyCuts(from, find(parseAst(from) as unknown as TreeNode))
  if (chart.test(id)) return trim(code, findIdleChartCode)
  if (own.test(id)) return trim(code, findOwnReports)
  let trimmed = trim(trim(code, findSilentCalls), findUnusedNames)
  if (isGeneratedCodec(code)) trimmed = trim(trimmed, findStreamingDecoders)
  if (gossipsub.test(id)) trimmed = trim(trim(trimmed, findGossipMetrics), findScoreChecks)
  return trimmed
}

/** @param expectAll whether a stand-in that replaced nothing is a mistake */
export function trimPage({ expectAll }: { readonly expectAll: boolean }): Plugin {
  const unused = new Set(Object.keys(standIns))
  return {
    name: 'folkmoot:trim-page',
    apply: 'build',
    load: {
      filter: { id: /\/(?:node_modules|packages)\// },
      handler(id) {
        const standIn = standIns[pathOf(id)]
        if (standIn === undefined) return null
        unused.delete(pathOf(id))
        const file = JSON.stringify(join(import.meta.dirname, 'stand-ins', standIn.file))
        const code =
          standIn.default === undefined
            ? `export * from ${file}`
            : `export { ${standIn.default} as default } from ${file}`
        return { code, moduleSideEffects: false }
      },
    },
    transform: {
      filter: { id: [libp2p, chart, own] },
      handler: (code, id) =>
        standIns[pathOf(id)] === undefined ? { code: trimModule(id, code), map: null } : null,
    },
    buildEnd(error) {
      if (error === undefined && expectAll && unused.size > 0) {
        this.error(`these modules are gone, look at their stand-ins: ${[...unused].join(', ')}`)
      }
    },
  }
}
