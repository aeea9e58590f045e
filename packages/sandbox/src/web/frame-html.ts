/**
 * The document of the sandbox frame, as one string that any server can hand out at
 * `/sandbox.html`. It is served as a file and not as `srcdoc`, because a `srcdoc` frame inherits
 * the policy of the page around it, and that one forbids inline scripts.
 *
 * @module
 */
import { frameSource } from './frame-source.ts'
import { type WorkerAttack, workerSource } from './worker-source.ts'

/**
 * No network, no storage, no DOM of others; inline script for the frame's own code, and Workers
 * from blobs, which inherit all of this.
 */
const policy =
  "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; worker-src blob:; base-uri 'none'; form-action 'none'"

/** Headers to send with {@link sandboxFrameHtml}; they give it an opaque origin wherever it is opened. */
export const sandboxFrameHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `sandbox allow-scripts; ${policy}; frame-ancestors 'self'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

/** Script text for tests that attack from inside; empty in production. */
export interface FrameAttack {
  readonly worker?: WorkerAttack
  /** Runs at the end of the frame's own script. */
  readonly frame?: string
}

export function frameHtml(attack: FrameAttack = {}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<title>Folkmoot sandbox</title>
</head>
<body>
<script>
${frameSource(workerSource(attack.worker), attack.frame)}</script>
</body>
</html>
`
}

/** The document that belongs at `/sandbox.html`. */
export const sandboxFrameHtml: string = /* @__PURE__ */ frameHtml()
