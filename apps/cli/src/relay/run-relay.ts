/**
 * `folkmoot relay`: wires a founder's peer, or one more relay's of a federation that it joined, to
 * the page, the admin listener, the terminal and a worker, and runs until it is told to stop.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  errorCode,
  errorMessage,
  FederationError,
  type KeyValueStore,
  type Logger,
} from '@folkmoot/base'
import { encode } from '@folkmoot/codec'
import type { Peer } from '@folkmoot/federation'
import { sandboxFrameHeaders, sandboxFrameHtml } from '@folkmoot/sandbox'
import { pino } from 'pino'
import type { AdminFile, Readiness, Ready } from '../admin-api.ts'
import type { CliCode } from '../codes.ts'
import type { RelayRun } from '../commands/relay.ts'
import type { Config } from '../config/resolve-config.ts'
import { adminFile } from '../config/state-location.ts'
import type { Output } from '../output.ts'
import { acceptSeat } from './accept-seat.ts'
import { createAdminServer } from './admin-server.ts'
import {
  defaultInvitation,
  type InvitationTerms,
  type KeptInvitation,
  linkOf,
} from './default-invitation.ts'
import { offeredStudies } from './offered-studies.ts'
import { openFirstStudy } from './open-first-study.ts'
import { listenForAdmin, openPeer } from './open-peer.ts'
import { readPageFiles } from './page-files.ts'
import { createPageListener } from './page-server.ts'
import { isWebSocket, pageAddress, unreachableNote } from './reachable-at.ts'
import { createRelayMetrics } from './relay-metrics.ts'
import { showProgress } from './show-progress.ts'
import { untilDecided } from './until-decided.ts'

const pageFolder = fileURLToPath(new URL('../../../web/dist', import.meta.url))

/** Less free disk than this and the relay says that it is not ready. */
const minFreeBytes = 64 * 1024 * 1024

/** Runs until a signal or `POST /v1/stop`; resolves with the exit code. */
export async function runRelay(run: RelayRun): Promise<number> {
  const { output, signals } = run
  const stage = { isReady: false }
  const ended = serve(run, stage).then(() => true)
  // Where it takes too long nobody hears any more how it ended.
  ended.catch(() => {})
  const overdue = async () => {
    await untilAborted(signals.drain)
    await pause(startMs, signals.now)
    if (stage.isReady) await pause(drainMs - startMs, signals.now)
    return false
  }
  if (!(await Promise.race([ended, overdue()])) && !signals.now.aborted) {
    output.note('stopping took too long: what had begun is left as it is')
  }
  return signals.exitCode()
}

async function serve(
  { config, output, signals }: RelayRun,
  stage: { isReady: boolean },
): Promise<void> {
  const startedAt = Date.now()
  const logger = pinoLogger(config.logLevel)
  const files = await readPageFiles(pageFolder)
  const metrics = createRelayMetrics()
  const serving: { answer?: ReturnType<typeof createPageListener> } = {}
  const { peer, platform, joined, port } = await openPeer({
    config,
    output,
    logger,
    metrics,
    onRequest: (request, response) => {
      if (serving.answer !== undefined) return serving.answer(request, response)
      response.writeHead(503, { 'retry-after': '1' }).end('starting\n')
    },
  })

  const admin = createServer()
  try {
    const own = peer.transport.addresses().filter((address) => !address.includes('p2p-circuit'))
    const websocket = own.find(isWebSocket)
    if (websocket === undefined)
      throw new FederationError<CliCode>('cli/port', 'no WebSocket address')
    const taken = Number(/\/tcp\/(\d+)/.exec(websocket)?.[1] ?? port)
    const page = pageAddress(config, websocket)
    const inviteRelays = [websocket]

    const isFounder = peer.me === peer.charter.founder
    const unreachable = unreachableNote(own, joined?.role.relays ?? [])
    if (unreachable !== null) output.note(unreachable)
    if (!isFounder) acceptSeat(peer, logger)
    serving.answer = createPageListener({
      files,
      sandbox: { html: sandboxFrameHtml, headers: sandboxFrameHeaders },
      relays: [
        page.replace(/^http/, 'ws'),
        ...(config.public === '' ? [`ws://127.0.0.1:${taken}`, `ws://localhost:${taken}`] : []),
      ],
      charter: () => peer.charterBytes,
      studies: () => encode({ studies: offeredStudies(peer), stun: config.stun }),
    })

    const token = randomBytes(32).toString('base64url')
    const adminServer = createAdminServer({
      peer,
      platform,
      token,
      metrics,
      page,
      inviteRelays,
      inviteUses: config.inviteUses,
      inviteMs: config.inviteDays * 86_400_000,
      invitationsPerHour: config.invitationsPerHour,
      startedAt,
      worker: config.worker > 0,
      readiness: () => readiness(peer, platform.store, config.state),
      stop: () => signals.stop(),
    })
    admin.on('request', (request, response) => void adminServer.emit('request', request, response))
    const address = `http://127.0.0.1:${await listenForAdmin(admin, { config, output })}`
    const file: AdminFile = { address, token, pid: process.pid, startedAt }
    await writeFile(adminFile(config.state), `${JSON.stringify(file)}\n`, { mode: 0o600 })

    // Others may have to agree to these, or be away: the relay serves meanwhile, and can be asked.
    const opened = isFounder ? await openFirstStudy(peer, platform, config, output) : null
    const contribution = () => {
      if (config.worker === 0) return
      for (const { study } of peer.studies.rooms()) {
        const fact = peer.ledger.state.state().study(study)
        // The operator agreed to what was opened here; a member's study waits for its word.
        if (fact?.closed === true || fact?.opener !== peer.me) continue
        if (peer.studies.contribution(study) !== undefined) continue
        peer.studies.permit(study, { share: config.workerShare })
        peer.studies.contribute(study, config.workerShare)
      }
      peer.setWorking(true)
    }
    contribution()
    peer.onChange(contribution)
    const invitation = isFounder
      ? await invitationIfAny(peer, platform.store, inviteTerms(config, inviteRelays), output)
      : null

    const ready: Ready = {
      page,
      invite: invitation === null ? '' : linkOf(page, invitation),
      admin: address,
      peerId: peer.me,
      federation: peer.fed,
      study: opened ?? peer.studies.rooms().at(-1)?.study ?? null,
    }
    const stopShowing = showProgress({ peer, output, ready, isPublic: config.public !== '' })
    stage.isReady = true
    await untilAborted(signals.drain)
    stopShowing()
    output.note('stopping: finishing what is being written')
    await stopAll(peer, admin, config.state)
  } catch (error) {
    await stopAll(peer, admin, config.state)
    throw error
  }
}

/** Nothing that was acknowledged is lost by stopping without more ado; service managers wait 90 s. */
const drainMs = 30_000
/** Who is told to stop before it is ready may wait for somebody who is not there, and has promised nothing. */
const startMs = 5_000

function inviteTerms(config: Config, relays: readonly string[]): InvitationTerms {
  const validMs = config.inviteDays * 86_400_000
  return { uses: config.inviteUses, validMs, role: 'member', cohort: '', relays }
}

/** The default invitation; without one, which others may have to approve, the relay does its work all the same. */
async function invitationIfAny(
  peer: Peer,
  store: KeyValueStore,
  terms: InvitationTerms,
  output: Output,
): Promise<KeptInvitation | null> {
  try {
    return await untilDecided(peer, defaultInvitation(peer, store, terms, Date.now()))
  } catch (error) {
    output.note(`no default invitation: ${errorMessage(error)} (${errorCode(error)})`)
    return null
  }
}

async function stopAll(
  peer: Peer,
  admin: ReturnType<typeof createServer>,
  state: string,
): Promise<void> {
  await rm(adminFile(state), { force: true })
  admin.closeAllConnections()
  await new Promise<void>((resolve) => admin.close(() => resolve()))
  await peer.stop()
}

/** A store takes a write, or says why not. */
async function storeCheck(store: KeyValueStore): Promise<Readiness['checks'][number]> {
  try {
    const value = new TextEncoder().encode(String(Date.now()))
    await store.write([{ type: 'put', key: 'relay/ready', value }])
    return { name: 'store', ok: true }
  } catch (error) {
    return { name: 'store', ok: false, detail: errorMessage(error) }
  }
}

async function readiness(peer: Peer, store: KeyValueStore, state: string): Promise<Readiness> {
  const { halted, votingHalted } = peer.ledger.status()
  const disk = await statfs(state)
  const free = disk.bavail * disk.bsize
  const stopped = halted ?? votingHalted
  const checks = [
    {
      name: 'ledger',
      ok: stopped === undefined,
      ...(stopped === undefined ? {} : { detail: stopped.message }),
    },
    {
      name: 'audit',
      ok: !peer.audit.full && peer.audit.failing === undefined,
      ...(peer.audit.full ? { detail: 'the log is full' } : {}),
      ...(peer.audit.failing === undefined ? {} : { detail: peer.audit.failing.message }),
    },
    await storeCheck(store),
    { name: 'transport', ok: peer.transport.addresses().length > 0 },
    { name: 'disk', ok: free > minFreeBytes, detail: `${Math.round(free / 1_048_576)} MiB free` },
  ]
  return { ready: checks.every(({ ok }) => ok), checks }
}

function pause(ms: number, cut: AbortSignal): Promise<void> {
  return setTimeout(ms, undefined, { signal: cut }).catch(() => {})
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function pinoLogger(level: string): Logger {
  const sink = pino({ level }, pino.destination({ fd: 2, sync: true }))
  return { log: (at, message, fields) => sink[at](fields ?? {}, message) }
}
