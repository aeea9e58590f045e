/**
 * The parts of uPlot that the page's charts switch off (`apps/web/src/draw-chart.ts`): cursor,
 * legend, axes of dates, and the paths that it does not draw. Two options become constants, which
 * the minifier follows; each function that they leave without a caller throws if it has one.
 *
 * @module
 */
import { type Cut, type TreeNode, walkTree } from './walk-tree.ts'

const switchedOff = new Set(['showLegend', 'showCursor'])
const leftOut = `throw Error('left out of the page')`

/** New bodies by function. Dates are set up whether or not a chart has any: set up to throw. */
const bodies: Readonly<Record<string, string>> = {
  updateCursor: leftOut,
  cacheMouse: leftOut,
  mouseDown: leftOut,
  mouseMove: leftOut,
  mouseUp: leftOut,
  mouseLeave: leftOut,
  dblClick: leftOut,
  initLegendRow: leftOut,
  join: leftOut,
  stepped: leftOut,
  splineInterp: leftOut,
  _monotoneCubic: leftOut,
  genTimeStuffs: `return [[], [], () => () => { ${leftOut} }]`,
}

export const chartTrims: readonly string[] = [...switchedOff, ...Object.keys(bodies)]

export function findIdleChartCode(program: TreeNode): Cut[] {
  const cuts: Cut[] = []
  const found = new Set<string>()
  walkTree(program, (node) => {
    const name = (node.id as TreeNode | undefined)?.name as string | undefined
    if (name === undefined) return true
    if (node.type === 'VariableDeclarator' && switchedOff.has(name)) {
      const value = node.init as TreeNode
      cuts.push({ start: value.start, end: value.end, text: 'false' })
      found.add(name)
      return false
    }
    const text = node.type === 'FunctionDeclaration' ? bodies[name] : undefined
    if (text === undefined) return true
    const body = node.body as TreeNode
    cuts.push({ start: body.start, end: body.end, text: `{ ${text} }` })
    found.add(name)
    return false
  })
  const gone = chartTrims.filter((name) => !found.has(name))
  if (gone.length > 0) throw new Error(`uPlot has changed: there is no ${gone.join(', ')}`)
  return cuts
}
