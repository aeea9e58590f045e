/**
 * The sandbox of a tab. Its frame is served from `sandboxFrameHtml` of `@folkmoot/sandbox`.
 *
 * @example
 * ```ts
 * import { createWebSandbox } from '@folkmoot/sandbox/web'
 *
 * const sandbox = createWebSandbox({ frameUrl: '/sandbox.html' })
 * const outcome = await sandbox.run({ code, input, limits, share: 0.5 }).done
 * ```
 *
 * @module
 */
export { createWebSandbox, type WebSandboxInit } from './web-sandbox.ts'
