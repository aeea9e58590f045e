/**
 * A sandbox in a tab: each job runs in a Worker inside an opaque-origin iframe.
 *
 * The module is checked and prepared by the page, the Worker instantiates it, and the frame
 * between them can start and stop Workers and nothing else.
 *
 * @module
 */
import type { Millis } from '@folkmoot/base'
import type { Sandbox } from '../sandbox.ts'
import { createPool } from '../worker-pool.ts'
import { loadFrame, type SandboxFrame } from './sandbox-frame.ts'

export interface WebSandboxInit {
  /** Where the server hands out `sandboxFrameHtml`, on the page's own origin; default `/sandbox.html`. */
  readonly frameUrl?: string
  /** The page that holds the frame; default the current one. */
  readonly document?: Document
  /** How long the frame may take to load and answer, in ms; default 20 s. */
  readonly loadMs?: Millis
  /** Idle workers that are kept for the next job; default 1. */
  readonly idle?: number
  /**
   * Load the frame now and not with the first job: by then its server may be away. Default false.
   */
  readonly preload?: boolean
}

export function createWebSandbox(init: WebSandboxInit = {}): Sandbox {
  const { frameUrl = '/sandbox.html', idle = 1, loadMs = 20_000 } = init
  let frame: Promise<SandboxFrame> | undefined

  const load = () => loadFrame(init.document ?? document, frameUrl, loadMs)
  // Chained without a gap, so that two jobs never load two frames.
  const ensureFrame = () => {
    frame = frame === undefined ? load() : frame.then((it) => (it.alive ? it : load()), load)
    return frame
  }
  // A frame that does not load is tried again, and complained of, by the first job.
  if (init.preload === true) ensureFrame().catch(() => {})

  return createPool({
    open: async () => (await ensureFrame()).openWorker(),
    dispose: async () => (await frame?.catch(() => undefined))?.remove(),
    idle,
  })
}
