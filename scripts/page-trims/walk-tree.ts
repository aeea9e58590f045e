/**
 * The little of a syntax tree that the trims look at.
 *
 * @module
 */
export interface TreeNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Source to be cut away, with what stands in its place. */
export interface Cut {
  readonly start: number
  readonly end: number
  readonly text: string
}

const isNode = (value: unknown): value is TreeNode =>
  typeof value === 'object' && value !== null && typeof (value as TreeNode).type === 'string'

/** `x` of `x` and of `owner.x`; null where it is computed or has no name. */
export const nameOf = (node: TreeNode): string | null => {
  const named = node.type === 'MemberExpression' ? (node.property as TreeNode) : node
  return node.computed !== true && named.type === 'Identifier' ? (named.name as string) : null
}

/** Visits every node, parents first; `visit` answers false to leave out what is below. */
export function walkTree(
  node: TreeNode,
  visit: (node: TreeNode, parent: TreeNode | null) => boolean,
  parent: TreeNode | null = null,
): void {
  if (!visit(node, parent)) return
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walkTree(child, visit, node)
    }
  }
}

/** Applies cuts that do not overlap; line breaks stay, so that positions in messages do too. */
export function applyCuts(code: string, cuts: readonly Cut[]): string {
  let result = ''
  let at = 0
  for (const cut of cuts.toSorted((a, b) => a.start - b.start)) {
    if (cut.start < at) throw new Error('page-trims: two cuts overlap')
    const lines = code.slice(cut.start, cut.end).replace(/[^\n]/g, '')
    result += code.slice(at, cut.start) + cut.text + lines
    at = cut.end
  }
  return result + code.slice(at)
}
