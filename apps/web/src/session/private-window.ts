/**
 * Whether this window forgets everything when it is closed. No browser says so; Chromium's private
 * windows keep storage in memory and so offer far less of it than the heap limit would suggest.
 *
 * @module
 */
export async function isPrivateWindow(): Promise<boolean> {
  try {
    const { quota } = await navigator.storage.estimate()
    const memory = (performance as { memory?: { jsHeapSizeLimit: number } }).memory
    if (quota === undefined || memory === undefined) return false
    return quota < 2 * memory.jsHeapSizeLimit
  } catch {
    return false
  }
}
