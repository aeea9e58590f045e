/**
 * Generated protobuf code (protons) has three halves: encode, decode, and a decoder that yields one
 * field after the other. Nothing in libp2p calls the last one.
 *
 * Cut away: the third argument of `message(…)`, and every `function stream` that only hands its
 * arguments to `streamMessage`, with its assignment. Whoever called one would meet a TypeError, not
 * a wrong answer.
 *
 * @module
 */
import { type Cut, type TreeNode, walkTree } from './walk-tree.ts'

const isNamed = (node: unknown, name: string): boolean =>
  (node as TreeNode | null)?.type === 'Identifier' && (node as TreeNode).name === name

/** Whether a module was written by protons and has a streaming half. */
export function isGeneratedCodec(code: string): boolean {
  return /import \{[^}]*\bstreamMessage\b[^}]*\} from 'protons-runtime'/.test(code)
}

export function findStreamingDecoders(program: TreeNode): Cut[] {
  const cuts: Cut[] = []
  walkTree(program, (node) => {
    if (node.type === 'CallExpression' && isNamed(node.callee, 'message')) {
      const [, decode, stream] = node.arguments as TreeNode[]
      if (decode !== undefined && stream?.type === 'FunctionExpression' && stream.generator) {
        cuts.push({ start: decode.end, end: stream.end, text: '' })
        return false
      }
    }
    if (node.type === 'FunctionDeclaration' && isNamed(node.id, 'stream')) {
      cuts.push({ start: node.start, end: node.end, text: '' })
      return false
    }
    if (node.type === 'ExpressionStatement') {
      const assignment = node.expression as TreeNode
      if (assignment.type === 'AssignmentExpression' && isNamed(assignment.right, 'stream')) {
        cuts.push({ start: node.start, end: node.end, text: '' })
        return false
      }
    }
    return true
  })
  return cuts
}
