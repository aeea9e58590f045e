/**
 * The document of the sandbox frame, as one string that any server can hand out at
 * `/sandbox.html`. It is served as a file and not as `srcdoc`, because a `srcdoc` frame inherits
 * the policy of the page around it, and that one forbids inline scripts.
 *
 * @module
 */
import { sha256, utf8 } from '@folkmoot/codec'
import { frameSource } from './frame-source.ts'
import { type WorkerAttack, workerSource } from './worker-source.ts'

/** Script text for tests that attack from inside; empty in production. */
export interface FrameAttack {
  readonly worker?: WorkerAttack
  /** Runs at the end of the frame's own script. */
  readonly frame?: string
}

export interface FrameDocument {
  readonly html: string
  /** All headers to send with it, the content security policy included; they give it an opaque origin wherever it is opened. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Its policy: no network, no storage, no document of others; no script but its own, by hash, and
 * Workers from blobs, which inherit all of this. A hash and not 'unsafe-inline', because a frame
 * within the frame inherits the policy too, and would be a fresh scope that has WebRTC.
 */
export function frameDocument(attack: FrameAttack = {}): FrameDocument {
  const script = frameSource(workerSource(attack.worker), attack.frame)
  const hash = btoa(String.fromCharCode(...sha256(utf8(script))))
  const policy = `default-src 'none'; script-src 'sha256-${hash}' 'wasm-unsafe-eval'; worker-src blob:; base-uri 'none'; form-action 'none'`
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${policy}">
<title>Folkmoot sandbox</title>
</head>
<body>
<script>${script}</script>
</body>
</html>
`
  const served = `sandbox allow-scripts; ${policy}; frame-ancestors 'self'`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': served,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  }
  return { html, headers }
}

const frame = /* @__PURE__ */ frameDocument()

/** The document that belongs at `/sandbox.html`. */
export const sandboxFrameHtml: string = frame.html

/** The headers that belong to {@link sandboxFrameHtml}. */
export const sandboxFrameHeaders: Readonly<Record<string, string>> = frame.headers
