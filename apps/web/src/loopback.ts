/**
 * Tells whether a link leads back to the same machine only.
 *
 * @module
 */
export function isLoopback(link: string): boolean {
  const { hostname } = new URL(link)
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\./.test(hostname)
  )
}
