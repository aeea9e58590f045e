/**
 * Statements that only write libp2p's debug log or feed its metrics. In the page the log has no
 * reader (`stand-ins/logger.ts`) and metrics are never configured, so that such a statement does
 * nothing but carry its text to every volunteer.
 *
 * A statement is cut only where leaving it out cannot be noticed: its callee is `log`, `x.log`,
 * `x.log.error`, `x.log.trace` or starts with `x.metrics?.`, and for a log call no argument
 * assigns, awaits, yields, or calls anything but the harmless functions named here.
 *
 * @module
 */
import { type Cut, nameOf, type TreeNode, walkTree } from './walk-tree.ts'

const levels = new Set(['error', 'trace'])
/** Only read, and are called on values of libp2p's own; the last two are ours, and read an error. */
const harmless = new Set([
  ...['toString', 'map', 'join', 'now', 'keys', 'from', 'toFixed', 'slice'],
  ...['errorMessage', 'errorCode'],
])
const noisy = new Set([
  'AssignmentExpression',
  'UpdateExpression',
  'AwaitExpression',
  'YieldExpression',
  'NewExpression',
  'TaggedTemplateExpression',
  'ImportExpression',
])

/** `log`, `this.log`, `stream.log`; never `Math.log` or `console.log`. */
function isLog(node: TreeNode): boolean {
  if (nameOf(node) !== 'log') return false
  if (node.type === 'Identifier') return true
  const owner = nameOf(node.object as TreeNode)
  return owner !== 'Math' && owner !== 'console'
}

function isLogCall(call: TreeNode): boolean {
  const callee = call.callee as TreeNode
  if (isLog(callee)) return true
  return (
    callee.type === 'MemberExpression' &&
    levels.has(nameOf(callee) ?? '') &&
    isLog(callee.object as TreeNode)
  )
}

/** `x.metrics?.….y(…)`: without metrics nothing of it is evaluated, its arguments included. */
function isMetricsChain(node: TreeNode): boolean {
  for (let at = node; ; ) {
    if (at.type === 'CallExpression') at = at.callee as TreeNode
    else if (at.type === 'MemberExpression') {
      const object = at.object as TreeNode
      if (at.optional === true && nameOf(object) === 'metrics') return true
      at = object
    } else return false
  }
}

/** Whether an argument does nothing but look. */
export function isQuiet(argument: TreeNode): boolean {
  let quiet = true
  walkTree(argument, (node) => {
    if (noisy.has(node.type) || (node.type === 'UnaryExpression' && node.operator === 'delete')) {
      quiet = false
    }
    if (node.type === 'CallExpression' && !harmless.has(nameOf(node.callee as TreeNode) ?? '')) {
      quiet = false
    }
    return quiet
  })
  return quiet
}

export function findSilentCalls(program: TreeNode): Cut[] {
  const cuts: Cut[] = []
  walkTree(program, (node) => {
    if (node.type !== 'ExpressionStatement') return true
    let expression = node.expression as TreeNode
    if (expression.type === 'ChainExpression') expression = expression.expression as TreeNode
    if (expression.type !== 'CallExpression') return true
    const silent =
      isMetricsChain(expression) ||
      (isLogCall(expression) && (expression.arguments as TreeNode[]).every(isQuiet))
    if (silent) cuts.push({ start: node.start, end: node.end, text: ';' })
    return !silent
  })
  return cuts
}
