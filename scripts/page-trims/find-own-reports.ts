/**
 * Statements of our own packages that only log or count. The page gives its peer no logger and
 * `silentMetrics`, so in a tab such a statement only carries its text to every volunteer.
 *
 * Cut is `….log('debug', …)`, with a level of `LogLevel` as a literal, and `….metrics.count(…)`, where
 * no argument does anything but look.
 *
 * @module
 */
import { isQuiet } from './find-silent-calls.ts'
import { type Cut, nameOf, type TreeNode, walkTree } from './walk-tree.ts'

const levels = new Set<unknown>(['debug', 'info', 'warn', 'error'])

function isReport(call: TreeNode): boolean {
  const callee = call.callee as TreeNode
  if (callee.type !== 'MemberExpression') return false
  const [first] = call.arguments as TreeNode[]
  const says = first?.type === 'Literal' && typeof first.value === 'string'
  if (!says) return false
  if (nameOf(callee) === 'log') return levels.has(first.value)
  return nameOf(callee) === 'count' && nameOf(callee.object as TreeNode) === 'metrics'
}

export function findOwnReports(program: TreeNode): Cut[] {
  const cuts: Cut[] = []
  walkTree(program, (node) => {
    if (node.type !== 'ExpressionStatement') return true
    const call = node.expression as TreeNode
    if (call.type !== 'CallExpression' || !isReport(call)) return true
    const isIdle = (call.arguments as TreeNode[]).every(isQuiet)
    if (isIdle) cuts.push({ start: node.start, end: node.end, text: ';' })
    return !isIdle
  })
  return cuts
}
