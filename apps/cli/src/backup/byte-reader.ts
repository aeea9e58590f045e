/**
 * Takes exact numbers of bytes from a stream of chunks.
 *
 * @module
 */
import { backupError } from './tar-entry.ts'

export interface ByteReader {
  /** @throws FederationError `cli/backup` where the stream ends before */
  take(length: number): Promise<Uint8Array>
  /** The same bytes in chunks as they come. */
  stream(length: number): AsyncGenerator<Uint8Array>
}

export function createByteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = source[Symbol.asyncIterator]()
  let rest: Uint8Array = new Uint8Array()

  async function* stream(length: number): AsyncGenerator<Uint8Array> {
    let wanted = length
    while (wanted > 0) {
      if (rest.length === 0) {
        const next = await chunks.next()
        if (next.done === true) throw backupError('it ends too early')
        rest = next.value
      }
      const part = rest.subarray(0, wanted)
      rest = rest.subarray(part.length)
      wanted -= part.length
      yield part
    }
  }

  return {
    stream,
    take: async (length) => {
      const bytes = new Uint8Array(length)
      let at = 0
      for await (const part of stream(length)) {
        bytes.set(part, at)
        at += part.length
      }
      return bytes
    },
  }
}
