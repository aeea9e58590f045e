/**
 * Stands in for `p-retry`. libp2p's reconnect queue is its only caller, and `transport` sets
 * `reconnectRetries: 0` because the relay keeper dials again by itself.
 *
 * @module
 */
interface RetryOptions {
  readonly retries?: number
  readonly signal?: AbortSignal
}

export async function tryOnce<T>(
  run: (attempt: number) => Promise<T> | T,
  { retries, signal }: RetryOptions,
): Promise<T> {
  if (retries !== 0) throw new Error('repeated attempts are left out of the page')
  signal?.throwIfAborted()
  const result = await run(1)
  signal?.throwIfAborted()
  return result
}
