/**
 * A sink that keeps what is written, for tests.
 *
 * @module
 */
import type { Sink } from './output.ts'

export interface TestSink extends Sink {
  text: string
}

export function testSink(isTTY = false): TestSink {
  const sink: TestSink = {
    text: '',
    isTTY,
    write: (added) => {
      sink.text += added
    },
  }
  return sink
}
