/**
 * Stands in for libp2p's resolver of `/dnsaddr` addresses, which asks public DNS-over-HTTPS
 * servers. A tab must contact nobody but its relay (the page's Content-Security-Policy would stop
 * it as well); `/dns4` addresses are resolved by the browser.
 *
 * @module
 */
export const dnsaddrResolver = {
  canResolve: (): boolean => false,
  resolve: async (): Promise<never> => {
    throw new Error('a tab resolves no dnsaddr addresses')
  },
}
