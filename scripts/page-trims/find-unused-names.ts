/**
 * Names that nobody reads: those of log scopes, because the log has no reader
 * (`stand-ins/logger.ts`), and `components.metrics`, which is never configured in a tab and so is
 * undefined. Said to the minifier here, which then drops what depends on it.
 *
 * @module
 */
import { type Cut, nameOf, type TreeNode, walkTree } from './walk-tree.ts'

const scopes = new Set(['forComponent', 'newScope'])

function isLiteral(node: TreeNode): boolean {
  return node.type === 'Literal' || node.type === 'TemplateLiteral'
}

export function findUnusedNames(program: TreeNode): Cut[] {
  const cuts: Cut[] = []
  walkTree(program, (node, parent) => {
    if (node.type === 'CallExpression' && scopes.has(nameOf(node.callee as TreeNode) ?? '')) {
      const [scope, ...rest] = node.arguments as TreeNode[]
      if (scope !== undefined && rest.length === 0 && isLiteral(scope)) {
        cuts.push({ start: scope.start, end: scope.end, text: '' })
        return false
      }
    }
    const metrics =
      node.type === 'MemberExpression' &&
      nameOf(node) === 'metrics' &&
      nameOf(node.object as TreeNode) === 'components'
    const assigned = parent?.type === 'AssignmentExpression' && parent.left === node
    if (!metrics || assigned) return true
    cuts.push({ start: node.start, end: node.end, text: 'undefined' })
    return false
  })
  return cuts
}
