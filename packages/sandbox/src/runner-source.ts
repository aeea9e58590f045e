/**
 * The code inside a worker, as text: it is loaded by `eval` in Node and from a blob in a tab, so
 * no bundler, minifier or type stripper may touch it, and both sides run the very same lines.
 *
 * It instantiates prepared modules with zero imports, calls them in slices, and says what came
 * out. It trusts neither the module nor the numbers that the module returns.
 *
 * @module
 */

/**
 * Source of a function expression
 * `(post: (message, transfer?) => void, later: (callback, ms) => void) => (message) => void`.
 */
export const runnerSource = `function folkmootRunner(post, later) {
  'use strict'
  const sliceMs = 50
  const beatMs = 20
  const pageBytes = 65536
  const now = performance.now.bind(performance)
  const { Module, Instance } = WebAssembly
  const shorten = (value) => String(value).slice(0, 300)

  let job // what runs: { limits, share, exports, steps, computeMs, lastStep, lastBeat, paused, waiting }
  let lastCode, lastModule

  class Stop {
    constructor(reason, detail) {
      this.reason = reason
      this.detail = detail
    }
  }

  function fail(error) {
    job = undefined
    if (error instanceof Stop) post({ type: 'failed', reason: error.reason, detail: error.detail })
    else post({ type: 'failed', reason: 'trap', detail: shorten(error && error.message) })
  }

  function isBytes(value) {
    return value instanceof Uint8Array
  }

  function isPositive(value) {
    return typeof value === 'number' && value > 0 && value <= 1e9
  }

  function isJob(message) {
    const limits = message.limits
    return (
      isBytes(message.code) &&
      isBytes(message.input) &&
      typeof message.share === 'number' &&
      message.share > 0 &&
      message.share <= 1 &&
      typeof limits === 'object' &&
      limits !== null &&
      isPositive(limits.stepMs) &&
      isPositive(limits.unitMs) &&
      isPositive(limits.memoryPages) &&
      isPositive(limits.outputBytes)
    )
  }

  // The engine keeps its optimised code with the module, so a study's units share one.
  function compile(code) {
    const same = lastCode && lastCode.length === code.length && lastCode.every((byte, index) => byte === code[index])
    if (!same) {
      lastModule = new Module(code)
      lastCode = code
    }
    return lastModule
  }

  function timed(call) {
    const started = now()
    const result = call()
    const spent = now() - started
    job.computeMs += spent
    job.lastStep = spent
    if (spent > job.limits.stepMs) throw new Stop('step-timeout', 'one call took ' + Math.round(spent) + ' ms')
    if (job.computeMs > job.limits.unitMs) throw new Stop('unit-timeout', 'more than ' + job.limits.unitMs + ' ms')
    return result
  }

  function region(pointer, length, what) {
    const size = job.exports.memory.buffer.byteLength
    if (pointer + length > size) throw new Stop('abi', what + ' lies outside the memory')
    return new Uint8Array(job.exports.memory.buffer, pointer, length)
  }

  function start(message) {
    const module = compile(message.code)
    const exports = new Instance(module, {}).exports
    const limits = message.limits
    job = { limits, share: message.share, exports, steps: 0, computeMs: 0, lastStep: 0, lastBeat: 0, paused: false, waiting: false }
    if (exports.memory.buffer.byteLength > limits.memoryPages * pageBytes) {
      throw new Stop('abi', 'the memory is larger than the study allows')
    }
    post({ type: 'ready' })
    const length = message.input.length
    const pointer = timed(() => exports.alloc(length)) >>> 0
    region(pointer, length, 'the input').set(message.input)
    timed(() => exports.begin(pointer, length))
    job.lastStep = 0
    beat(0)
    next(0)
  }

  function beat(restMs) {
    job.lastBeat = now()
    post({ type: 'beat', steps: job.steps, computeMs: job.computeMs, restMs, paused: job.paused })
  }

  function next(restMs) {
    const current = job
    current.waiting = true
    later(() => {
      if (job !== current) return
      current.waiting = false
      if (!current.paused) guarded(slice)
    }, restMs)
  }

  function slice() {
    const before = job.computeMs
    let spent = 0
    let state = 0
    do {
      state = timed(job.exports.step)
      job.steps += 1
      spent = job.computeMs - before
    } while (state === 0 && spent + job.lastStep <= sliceMs)
    if (state === 1) return finish()
    if (state !== 0) throw new Stop('abi', 'step returned neither 0 nor 1')
    const restMs = Math.min(5000, spent * (1 / job.share - 1))
    // A step that the machine held up cuts its slice short; such slices do not all make a message.
    if (restMs >= beatMs || now() - job.lastBeat >= beatMs) beat(restMs)
    next(restMs)
  }

  function finish() {
    const packed = BigInt.asUintN(64, timed(job.exports.output))
    const pointer = Number(packed >> 32n)
    const length = Number(packed & 0xffffffffn)
    const view = region(pointer, length, 'the output')
    if (length > job.limits.outputBytes) {
      throw new Stop('output-too-large', length + ' bytes; at most ' + job.limits.outputBytes + ' are allowed')
    }
    const output = view.slice()
    const message = { type: 'done', output, steps: job.steps, computeMs: job.computeMs }
    job = undefined
    post(message, [output.buffer])
  }

  function guarded(action, argument) {
    try {
      action(argument)
    } catch (error) {
      fail(error)
    }
  }

  return function receive(message) {
    if (typeof message !== 'object' || message === null) return
    if (message.type === 'job' && !job && isJob(message)) guarded(start, message)
    else if (message.type === 'pause' && job && !job.paused) {
      job.paused = true
      beat(0)
    } else if (message.type === 'resume' && job && job.paused) {
      job.paused = false
      beat(0)
      if (!job.waiting) next(0)
    }
  }
}`
