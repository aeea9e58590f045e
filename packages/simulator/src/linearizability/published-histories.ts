/**
 * Reads the published histories: Jepsen's logs of etcd, and the key-value logs of the MIT labs.
 *
 * @module
 */
import type { Operation } from './history.ts'
import type { MapInput, RegisterInput, RegisterOutput } from './models.ts'

type Open<Input, Output> = {
  -readonly [K in keyof Operation<Input, Output>]: Operation<Input, Output>[K]
}

/** `INFO  jepsen.util - 2 :invoke :cas [2 4]`; the line's number is its time. */
export function readJepsenLog(text: string): Operation<RegisterInput, RegisterOutput>[] {
  const history: Open<RegisterInput, RegisterOutput>[] = []
  const open = new Map<string, Open<RegisterInput, RegisterOutput>>()
  for (const [at, line] of text.split('\n').entries()) {
    const found = /- (\d+)\s+:(\w+)\s+:(\w+)\s+(.*)$/.exec(line)
    if (!found) continue
    const [, process, event, f, value] = found as unknown as [
      string,
      string,
      string,
      string,
      string,
    ]
    if (event === 'invoke') {
      const call = { input: inputOf(f, value), output: undefined, call: at, answer: Infinity }
      history.push(call)
      open.set(process, call)
      continue
    }
    const call = open.get(process)!
    open.delete(process)
    // `:info` says that the client stopped waiting, not that nothing will happen any more.
    if (event === 'info') continue
    call.answer = at
    if (value === ':timed-out') continue
    call.output = f === 'cas' ? { swapped: event === 'ok' } : { value: numberOf(value) }
  }
  return history
}

/** `{:process 9, :type :invoke, :f :append, :key "0", :value "x 9 0 y"}`. */
export function readKeyValueLog(text: string): Operation<MapInput, string>[] {
  const history: Open<MapInput, string>[] = []
  const open = new Map<string, Open<MapInput, string>>()
  for (const [at, line] of text.split('\n').entries()) {
    const found =
      /:process (\d+), :type :(\w+), :f :(\w+), :key "(.*)", :value (?:nil|"(.*)")\}/.exec(line)
    if (!found) continue
    const [, process, event, f, key, value] = found
    if (event === 'invoke') {
      const input = { f: f as MapInput['f'], key: key!, ...(value !== undefined && { value }) }
      const call = { input, output: undefined, call: at, answer: Infinity }
      history.push(call)
      open.set(process!, call)
    } else {
      const call = open.get(process!)!
      call.answer = at
      call.output = value ?? ''
    }
  }
  return history
}

function inputOf(f: string, value: string): RegisterInput {
  if (f === 'read') return { f }
  if (f === 'write') return { f, value: Number(value) }
  const [from, to] = value.slice(1, -1).split(' ').map(Number)
  return { f: 'cas', from: from!, to: to! }
}

function numberOf(value: string): number | null {
  return value === 'nil' ? null : Number(value)
}
