/**
 * The security headers of the public listener. The page runs only its own scripts, in no frame,
 * and talks only to its own origin and to the relays that invitations name.
 *
 * @module
 */

const common: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Headers of the page; `relays` are WebSocket origins such as `wss://relay.example`. */
export function pageHeaders(relays: readonly string[]): Readonly<Record<string, string>> {
  return {
    ...common,
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      ["connect-src 'self'", ...relays].join(' '),
      "frame-src 'self'",
      "worker-src 'self' blob:",
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  }
}

/** Headers of the sandbox's frame, beside the policy that the sandbox itself asks for. */
export const sandboxHeaders: Readonly<Record<string, string>> = {
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
