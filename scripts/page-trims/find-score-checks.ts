/**
 * Gossipsub's check of its score parameters. Ours are constants of `transport`, the same in Node,
 * where every test that starts a node has them checked.
 *
 * @module
 */
import { type Cut, nameOf, type TreeNode, walkTree } from './walk-tree.ts'

export function findScoreChecks(program: TreeNode): Cut[] {
  const cuts: Cut[] = []
  walkTree(program, (node) => {
    if (node.type !== 'ExpressionStatement') return true
    const call = node.expression as TreeNode
    if (call.type !== 'CallExpression') return true
    if (nameOf(call.callee as TreeNode) !== 'validatePeerScoreParams') return true
    cuts.push({ start: node.start, end: node.end, text: ';' })
    return false
  })
  return cuts
}
