/**
 * Stands in for `@multiformats/multiaddr-to-uri`, of which a tab needs one thing: the `ws:` or `wss:`
 * address of a relay, to dial it. Addresses of any other kind are refused; no transport asks for them.
 *
 * @module
 */
interface Component {
  readonly name: string
  readonly value?: string
}

export function multiaddrToUri(address: { getComponents(): Component[] }): string {
  const parts = new Map(address.getComponents().map(({ name, value }) => [name, value]))
  const [first] = parts.keys()
  const isSecure = parts.has('wss') || parts.has('tls')
  if (
    !/^(ip[46]|dns[46]?)$/.test(first ?? '') ||
    !(parts.has('wss') || parts.has('ws')) ||
    parts.has('p2p-circuit')
  ) {
    throw new Error('not the address of a WebSocket')
  }
  const named = parts.get('sni') ?? parts.get(first!)
  const host = first === 'ip6' && !parts.has('sni') ? `[${named}]` : named
  // As a URL it leaves out a default port.
  const { href } = new URL(`${isSecure ? 'wss' : 'ws'}://${host}:${parts.get('tcp')}`)
  return href.replace(/\/$/, '')
}
