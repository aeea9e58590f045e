/**
 * A sandbox in Node: each job runs in a worker thread with resource limits, and the thread runs
 * nothing but the runner and the prepared WebAssembly.
 *
 * The thread is no security boundary of its own; WebAssembly without imports is. The thread is
 * there so that a spinning step can be killed and a flood of memory ends with the worker.
 *
 * @module
 */
import { Worker } from 'node:worker_threads'
import { runnerSource } from '../runner-source.ts'
import type { Sandbox } from '../sandbox.ts'
import type { WorkerChannel } from '../supervise-run.ts'
import { createPool } from '../worker-pool.ts'

export interface NodeSandboxInit {
  /** Idle workers that are kept for the next job; default 1. */
  readonly idle?: number
}

const threadSource = `'use strict'
const { parentPort } = require('node:worker_threads')
const later = (callback, ms) => (ms >= 1 ? setTimeout(callback, ms) : setImmediate(callback))
const receive = (${runnerSource})((message, transfer) => parentPort.postMessage(message, transfer), later)
parentPort.on('message', receive)
`

/** Enough for the runner and its messages; a study's memory is bounded by its own module. */
const resourceLimits = {
  maxOldGenerationSizeMb: 64,
  maxYoungGenerationSizeMb: 16,
  codeRangeSizeMb: 64,
  stackSizeMb: 2,
}

export function createNodeSandbox(init: NodeSandboxInit = {}): Sandbox {
  const open = async () => openThread()
  return createPool({ open, dispose: async () => {}, idle: init.idle ?? 1 })
}

function openThread(): WorkerChannel {
  const worker = new Worker(threadSource, {
    eval: true,
    env: {},
    argv: [],
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits,
  })
  // An idle worker must not keep the process alive; a pending job does, through its own timer.
  worker.unref()
  let onMessage: (data: unknown) => void = () => {}
  let onDeath: (detail: string) => void = () => {}
  worker.on('message', (data) => onMessage(data))
  worker.on('messageerror', () => onMessage(undefined))
  worker.on('error', (error) =>
    onDeath(error instanceof Error ? error.message : 'the worker failed'),
  )
  worker.on('exit', () => onDeath('the worker ended'))
  return {
    post: (message) => worker.postMessage(message),
    listen: (message, death) => {
      onMessage = message
      onDeath = death
    },
    kill: () => {
      onMessage = () => {}
      onDeath = () => {}
      void worker.terminate()
    },
  }
}
