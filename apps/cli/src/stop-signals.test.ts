import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { createStopSignals } from './stop-signals.ts'

function setup() {
  const source = new EventEmitter()
  let time = 0
  const signals = createStopSignals(source as never, () => time)
  const send = (signal: string, at: number) => {
    time = at
    source.emit(signal, signal)
  }
  return { source, signals, send }
}

it('drains on the first signal and stops at once on the second', () => {
  const { signals, send } = setup()
  send('SIGINT', 0)
  expect([signals.drain.aborted, signals.now.aborted]).toEqual([true, false])
  send('SIGINT', 1000)
  expect(signals.now.aborted).toBe(true)
  expect(signals.exitCode()).toBe(130)
})

it('takes one Ctrl-C that arrives three times for one', () => {
  const { signals, send } = setup()
  send('SIGINT', 0)
  send('SIGINT', 2)
  send('SIGINT', 30)
  expect(signals.now.aborted).toBe(false)
})

it('ends with 143 for SIGTERM, and with 0 when it was asked without a signal', () => {
  const terminated = setup()
  terminated.send('SIGTERM', 0)
  expect(terminated.signals.exitCode()).toBe(143)
  const asked = setup()
  asked.signals.stop()
  expect([asked.signals.drain.aborted, asked.signals.exitCode()]).toEqual([true, 0])
})

it('lets go of the process when it is disposed', () => {
  const { source, signals } = setup()
  signals.dispose()
  expect(source.listenerCount('SIGINT')).toBe(0)
})
