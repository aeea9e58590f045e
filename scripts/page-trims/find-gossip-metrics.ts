/**
 * Gossipsub's own metrics, a fifth of its code: `transport` never gives it a register, so that
 * `this.metrics` is always null. Said to the minifier here, which then drops what depends on it.
 *
 * @module
 */
import { type Cut, type TreeNode, walkTree } from './walk-tree.ts'

const isProperty = (node: TreeNode, owner: (object: TreeNode) => boolean, name: string): boolean =>
  node.type === 'MemberExpression' &&
  node.computed !== true &&
  (node.property as TreeNode).name === name &&
  owner(node.object as TreeNode)

export function findGossipMetrics(program: TreeNode): Cut[] {
  const cuts: Cut[] = []
  walkTree(program, (node, parent) => {
    if (node.type === 'MethodDefinition' && (node.key as TreeNode).name === 'onScrapeMetrics') {
      cuts.push({ start: node.start, end: node.end, text: '' })
      return false
    }
    const never =
      isProperty(node, (object) => object.type === 'ThisExpression', 'metrics') ||
      isProperty(node, (object) => object.name === 'options', 'metricsRegister')
    const assigned = parent?.type === 'AssignmentExpression' && parent.left === node
    if (!never || assigned) return true
    cuts.push({ start: node.start, end: node.end, text: 'null' })
    return false
  })
  return cuts
}
