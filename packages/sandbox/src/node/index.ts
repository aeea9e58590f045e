/**
 * The sandbox of a Node peer.
 *
 * @example
 * ```ts
 * import { createNodeSandbox } from '@folkmoot/sandbox/node'
 *
 * const sandbox = createNodeSandbox()
 * const run = sandbox.run({ code, input, limits, share: 0.5 })
 * const outcome = await run.done
 * ```
 *
 * @module
 */
export { createNodeSandbox, type NodeSandboxInit } from './node-sandbox.ts'
