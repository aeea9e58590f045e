/**
 * How the tests start Chromium: nothing leaves the machine, and WebRTC works on loopback alone.
 *
 * @module
 */

/** A second name for 127.0.0.1 that the browser does not treat as loopback. */
export const insecureHost = 'insecure.test'

export const browserFlags: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Without it (and the microphone permission below) no candidate is gathered on loopback.
  '--allow-loopback-in-peer-connection',
  `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`,
]

/** Granted to every context; see the flag above. */
export const permissions: readonly string[] = ['microphone']
